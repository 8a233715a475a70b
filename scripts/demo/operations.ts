import { graphql } from './generated/gql.ts';

export const RegisterUser = graphql(`
  mutation RegisterUser($input: RegisterUserInput!, $idempotencyKey: ID!) {
    registerUser(input: $input, idempotencyKey: $idempotencyKey) {
      user {
        id
        name
        version
      }
      token
      userErrors {
        code
        message
      }
    }
  }
`);

export const BrowseProducts = graphql(`
  query BrowseProducts {
    products(first: 5) {
      edges {
        node {
          id
          name
          available
          price {
            amount
            currency
          }
        }
      }
    }
  }
`);

export const PlaceOrder = graphql(`
  mutation PlaceOrder($input: PlaceOrderInput!, $idempotencyKey: ID!) {
    placeOrder(input: $input, idempotencyKey: $idempotencyKey) {
      order {
        id
        status
        message
        version
        total {
          amount
          currency
        }
        syncState {
          target
        }
      }
      replayed
      userErrors {
        code
        message
      }
    }
  }
`);

export const CancelOrder = graphql(`
  mutation CancelOrder($input: CancelOrderInput!, $idempotencyKey: ID!) {
    cancelOrder(input: $input, idempotencyKey: $idempotencyKey) {
      order {
        id
        status
        message
        version
      }
      userErrors {
        code
        message
      }
    }
  }
`);

export const OrderNow = graphql(`
  query OrderNow($id: ID!) {
    order(id: $id) {
      id
      status
      message
      version
    }
  }
`);

export const MyOrders = graphql(`
  query MyOrders($key: ID!) {
    orders(first: 10) {
      edges {
        node {
          id
        }
      }
    }
    orderByIdempotencyKey(key: $key) {
      id
    }
  }
`);

export const AwaitSync = graphql(`
  subscription AwaitSync($entity: SyncEntity!, $id: ID!, $version: Int!, $after: String) {
    awaitSync(entity: $entity, id: $id, version: $version, after: $after) {
      target
      targetVersion
      state
    }
  }
`);

export const RecordSynced = graphql(`
  subscription RecordSynced($after: String) {
    recordSynced(after: $after) {
      entity
      recordId
      target
      targetVersion
      state
    }
  }
`);

export const NotificationReceived = graphql(`
  subscription NotificationReceived($after: String) {
    notificationReceived(after: $after) {
      subject
      channel
    }
  }
`);

export const MyNotifications = graphql(`
  query MyNotifications {
    me {
      unreadCount
      notifications(first: 10) {
        edges {
          node {
            id
            subject
            channel
            status
          }
        }
      }
    }
  }
`);

export const MarkNotificationRead = graphql(`
  mutation MarkNotificationRead($input: MarkNotificationReadInput!, $idempotencyKey: ID!) {
    markNotificationRead(input: $input, idempotencyKey: $idempotencyKey) {
      notification {
        status
      }
      userErrors {
        code
        message
      }
    }
  }
`);
