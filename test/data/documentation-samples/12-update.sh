# Source: https://learn.microsoft.com/en-us/azure/foundry/agents/how-to/use-routines (without its indentation)
curl -sS -X PUT "$PROJECT_ENDPOINT/routines/daily-summary" \
-H "Authorization: Bearer $TOKEN" \
-H "Content-Type: application/json" \
-H "Foundry-Features: Routines=V1Preview" \
-d '{
"description": "Updated: runs at 08:00 UTC on weekdays.",
"enabled": true,
"triggers": {
"weekday-morning": {
"type": "schedule",
"cron_expression": "0 8 * * 1-5",
"time_zone": "UTC"
}
},
"action": {
"type": "invoke_agent_responses_api",
"agent_name": "'"$AGENT_NAME"'"
}
}'
