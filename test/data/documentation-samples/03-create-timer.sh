# Source: https://learn.microsoft.com/en-us/azure/foundry/agents/how-to/use-routines (without its indentation)
# Using Responses API action
curl -sS -X PUT "$PROJECT_ENDPOINT/routines/once-on-release-day" \
-H "Authorization: Bearer $TOKEN" \
-H "Content-Type: application/json" \
-H "Foundry-Features: Routines=V1Preview" \
-d '{
"description": "Runs the agent once on release day.",
"enabled": true,
"triggers": {
"release-day": {
"type": "timer",
"at": "2026-09-01T09:00:00Z"
}
},
"action": {
"type": "invoke_agent_responses_api",
"agent_name": "'"$AGENT_NAME"'"
}
}'
