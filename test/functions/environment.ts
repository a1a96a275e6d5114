/**
 * Function files make their services when they are imported. Import this file before them: the services then stand on
 * settings that lead nowhere, and the tests give the handlers services of their own.
 */
process.env.AzureWebJobsStorage = 'UseDevelopmentStorage=true';
process.env.AGENT_PROJECT_ENDPOINT = 'http://127.0.0.1:9/agents';
process.env.AUTH_MODE = 'none';
process.env.ALLOW_ANONYMOUS = 'true';
