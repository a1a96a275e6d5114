# Source: https://learn.microsoft.com/en-us/azure/foundry/agents/how-to/use-routines (without its indentation)
curl -sS -X POST "$PROJECT_ENDPOINT/routines/my-invocations-routine:dispatch_async" \
-H "Authorization: Bearer $TOKEN" \
-H "Content-Type: application/json" \
-H "Foundry-Features: Routines=V1Preview" \
-d '{
"payload": {
"type": "invoke_agent_invocations_api",
"input": "Run the agent for testing."
}
}'
