param name string
param planName string
param location string
param tags object

@description('Resource id of the identity that the app runs with.')
param identityId string
param identityClientId string

param storageAccountName string
param deploymentContainerUrl string
param storagePrefix string
param agentProjectEndpoint string

@secure()
param apiKeys object
param settings object

param nodeVersion string
param maximumInstanceCount int
param instanceMemoryMB int

resource plan 'Microsoft.Web/serverfarms@2024-04-01' = {
  name: planName
  location: location
  tags: tags
  kind: 'functionapp'
  sku: {
    tier: 'FlexConsumption'
    name: 'FC1'
  }
  properties: {
    reserved: true
  }
}

resource app 'Microsoft.Web/sites@2024-04-01' = {
  name: name
  location: location
  tags: tags
  kind: 'functionapp,linux'
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: {
      '${identityId}': {}
    }
  }
  properties: {
    serverFarmId: plan.id
    httpsOnly: true
    siteConfig: {
      minTlsVersion: '1.2'
    }
    functionAppConfig: {
      deployment: {
        storage: {
          type: 'blobContainer'
          value: deploymentContainerUrl
          authentication: {
            type: 'UserAssignedIdentity'
            userAssignedIdentityResourceId: identityId
          }
        }
      }
      runtime: {
        name: 'node'
        version: nodeVersion
      }
      scaleAndConcurrency: {
        maximumInstanceCount: maximumInstanceCount
        instanceMemoryMB: instanceMemoryMB
      }
    }
  }

  // Replaces all settings of the app: what was set by hand goes away with the next provision.
  resource appSettings 'config' = {
    name: 'appsettings'
    properties: union(
      {
        AzureWebJobsStorage__accountName: storageAccountName
        AzureWebJobsStorage__credential: 'managedidentity'
        AzureWebJobsStorage__clientId: identityClientId
        STORAGE_PREFIX: storagePrefix
        AGENT_PROJECT_ENDPOINT: agentProjectEndpoint
        // The identity library looks for no developer's tools, whose absence would fill its error messages.
        AZURE_TOKEN_CREDENTIALS: 'prod'
        AUTH_MODE: 'key'
        API_KEYS: string(map(items(apiKeys), entry => union({ name: entry.key }, entry.value)))
      },
      settings
    )
  }

  // Publishing takes an Entra token. Flex Consumption has no FTP; the passwords for FTP and publishing are off too.
  resource ftpPassword 'basicPublishingCredentialsPolicies' = {
    name: 'ftp'
    properties: {
      allow: false
    }
  }

  resource scmPassword 'basicPublishingCredentialsPolicies' = {
    name: 'scm'
    properties: {
      allow: false
    }
  }
}

output name string = app.name
output url string = 'https://${app.properties.defaultHostName}'
