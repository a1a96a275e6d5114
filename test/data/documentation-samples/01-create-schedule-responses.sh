# Source: https://learn.microsoft.com/en-us/azure/foundry/agents/how-to/use-routines (without its indentation)
# Using Responses API action
curl -sS -X PUT "$PROJECT_ENDPOINT/routines/daily-summary" \
-H "Authorization: Bearer $TOKEN" \
-H "Content-Type: application/json" \
-H "Foundry-Features: Routines=V1Preview" \
-d '{
"description": "Runs a daily summary agent on weekday mornings.",
"enabled": true,
"triggers": {
"weekday-morning": {
"type": "schedule",
"cron_expression": "0 7 * * 1-5",
"time_zone": "UTC"
}
},
"action": {
"type": "invoke_agent_responses_api",
"agent_name": "'"$AGENT_NAME"'"
}
}'
