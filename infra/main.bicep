targetScope = 'subscription'

@minLength(1)
@maxLength(64)
@description('Name of the azd environment. The resource group and, hashed, every resource is named after it.')
param environmentName string

@minLength(1)
@description('Azure region of every resource. Flex Consumption must be offered there.')
@metadata({
  azd: {
    type: 'location'
  }
})
param location string

@minLength(1)
@description('Where the agents are: the endpoint of a Foundry project, without a slash at its end. May contain {project}.')
param agentProjectEndpoint string

@secure()
@description('The API keys by name: { ops: { key: "at least 16 characters", role: "contributor", project: "*" } }.')
param apiKeys object

@minLength(1)
@maxLength(30)
@description('Begins the name of every table and queue: lower-case letters and digits, beginning with a letter.')
param storagePrefix string = 'routines'

@description('Settings that have no parameter of their own, all as text. The table in README.md says what each means.')
type appSettings = {
  AGENT_RESPONSES_ROUTE: string?
  AGENT_RESPONSES_BACKGROUND: string?
  AGENT_VALIDATION: string?
  STRICT_FOUNDRY_OUTCOME: string?
  MAX_ATTEMPTS: string?
  ATTEMPT_TIMEOUT_SECONDS: string?
  BACKOFF_INITIAL_SECONDS: string?
  BACKOFF_MAX_SECONDS: string?
  RUN_DEADLINE_SECONDS: string?
  MIN_INTERVAL_SECONDS: string?
  MAX_TRIGGERS: string?
  LOOKAHEAD_SECONDS: string?
  MISFIRE_GRACE_SECONDS: string?
  ALLOW_ANONYMOUS: string?
  TRUST_PROXY: string?
  PUBLIC_BASE_URL: string?
  CORS_ORIGINS: string?
  REQUIRE_PREVIEW_HEADER: string?
}

@description('Further settings of the app, those of the platform too. A value given here wins over one that this file sets.')
param settings appSettings = {}

@allowed([
  '22'
  '24'
])
@description('Node.js major version that the app runs on.')
param nodeVersion string = '24'

@minValue(40)
@maxValue(1000)
@description('How many instances the app may grow to.')
param maximumInstanceCount int = 40

@allowed([
  512
  2048
  4096
])
@description('Memory of one instance. An execution is billed by it.')
param instanceMemoryMB int = 2048

var token = uniqueString(subscription().id, environmentName, location)
var deploymentContainerName = 'app-package'
var tags = {
  'azd-env-name': environmentName
}

resource group 'Microsoft.Resources/resourceGroups@2024-03-01' = {
  name: 'rg-${environmentName}'
  location: location
  tags: tags
}

module identity 'modules/identity.bicep' = {
  name: 'identity'
  scope: group
  params: {
    name: 'id-routines-${token}'
    location: location
    tags: tags
  }
}

module storage 'modules/storage.bicep' = {
  name: 'storage'
  scope: group
  params: {
    name: 'st${token}'
    location: location
    tags: tags
    prefix: storagePrefix
    deploymentContainerName: deploymentContainerName
  }
}

module storageAccess 'modules/storage-access.bicep' = {
  name: 'storage-access'
  scope: group
  params: {
    storageAccountName: storage.outputs.name
    principalId: identity.outputs.principalId
  }
}

module functionApp 'modules/function-app.bicep' = {
  name: 'function-app'
  scope: group
  params: {
    name: 'func-routines-${token}'
    planName: 'plan-routines-${token}'
    location: location
    tags: union(tags, { 'azd-service-name': 'routines' })
    identityId: identity.outputs.id
    identityClientId: identity.outputs.clientId
    storageAccountName: storage.outputs.name
    deploymentContainerUrl: '${storage.outputs.blobEndpoint}${deploymentContainerName}'
    storagePrefix: storagePrefix
    agentProjectEndpoint: agentProjectEndpoint
    apiKeys: apiKeys
    settings: settings
    nodeVersion: nodeVersion
    maximumInstanceCount: maximumInstanceCount
    instanceMemoryMB: instanceMemoryMB
  }
  // The platform reads the deployment container with the identity: its roles come first.
  dependsOn: [
    storageAccess
  ]
}

@description('The endpoint URL for SDKs is this one followed by a slash and a project name.')
output ROUTINES_PROJECTS_URL string = '${functionApp.outputs.url}/api/projects'
output ROUTINES_HEALTH_URL string = '${functionApp.outputs.url}/api/health'
output ROUTINES_FUNCTION_APP string = functionApp.outputs.name
output ROUTINES_STORAGE_ACCOUNT string = storage.outputs.name
@description('The identity that calls the agents: give it a role on the Foundry project.')
output ROUTINES_IDENTITY_PRINCIPAL_ID string = identity.outputs.principalId
output AZURE_RESOURCE_GROUP string = group.name
