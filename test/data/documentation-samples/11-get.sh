# Source: https://learn.microsoft.com/en-us/azure/foundry/agents/how-to/use-routines (without its indentation)
curl -sS "$PROJECT_ENDPOINT/routines/daily-summary" \
-H "Authorization: Bearer $TOKEN" \
-H "Foundry-Features: Routines=V1Preview"
