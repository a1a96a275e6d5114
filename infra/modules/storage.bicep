param name string
param location string
param tags object

@description('Begins the name of every table and queue.')
param prefix string

@description('Where the platform keeps the deployed app.')
param deploymentContainerName string

// The same names as shared/storage/storage-names.ts. The app creates nothing: what is missing here is missing in Azure.
var tableNames = [
  '${prefix}routines'
  '${prefix}schedule'
  '${prefix}runs'
]
var queueNames = [
  '${prefix}-delivery'
  '${prefix}-delivery-poison'
  '${prefix}-work'
  '${prefix}-work-poison'
]

resource account 'Microsoft.Storage/storageAccounts@2024-01-01' = {
  name: name
  location: location
  tags: tags
  kind: 'StorageV2'
  sku: {
    name: 'Standard_LRS'
  }
  properties: {
    allowBlobPublicAccess: false
    allowCrossTenantReplication: false
    // Identities only: with keys off, neither a connection string nor a shared access signature works.
    allowSharedKeyAccess: false
    defaultToOAuthAuthentication: true
    minimumTlsVersion: 'TLS1_2'
    supportsHttpsTrafficOnly: true
  }

  resource blobs 'blobServices' = {
    name: 'default'

    resource deploymentContainer 'containers' = {
      name: deploymentContainerName
    }
  }

  resource tables 'tableServices' = {
    name: 'default'

    resource table 'tables' = [
      for tableName in tableNames: {
        name: tableName
      }
    ]
  }

  resource queues 'queueServices' = {
    name: 'default'

    resource queue 'queues' = [
      for queueName in queueNames: {
        name: queueName
      }
    ]
  }
}

output name string = account.name
output blobEndpoint string = account.properties.primaryEndpoints.blob
