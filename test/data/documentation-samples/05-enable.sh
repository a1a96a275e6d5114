# Source: https://learn.microsoft.com/en-us/azure/foundry/agents/how-to/use-routines (without its indentation)
curl -sS -X POST "$PROJECT_ENDPOINT/routines/daily-summary:enable" \
-H "Authorization: Bearer $TOKEN" \
-H "Foundry-Features: Routines=V1Preview"
