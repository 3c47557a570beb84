/** Operations of a shopper, from the full shelf to the order; each needs a token of a shopper. */
const ADDRESS = {
  name: "Ann Buyer",
  countryCode: "DE",
  city: "Hamburg",
  line1: "Quay 1",
  postalCode: "20457",
};

const NUMBER = "<orderNumber of Begin checkout>";

export const BUYING = [
  {
    title: "Fill the cart",
    about: "Adds units of a variant. A visitor without a token gets a temporary cart.",
    query: `# The variant's ID is in the answer of Shelf.
mutation AddCartLines($key: ID!, $input: AddCartLinesInput!) {
  addCartLines(idempotencyKey: $key, input: $input) {
    cart {
      version
      itemCount
      lines { id quantity unitPrice { amount } variant { sku } }
      totals { total { amount currencyCode } }
      token
    }
    isReplay
    userErrors { code message field }
  }
}
`,
    variables: { input: { lines: [{ variantId: "<id of a variant, from Shelf>", quantity: 2 }] } },
  },
  {
    title: "See the cart",
    about: "What is in it, what it costs now, and what keeps it from being ordered.",
    query: `query Cart {
  cart {
    id
    version
    lines { id quantity isSelected unitPrice { amount } total { amount } variant { id sku title } }
    totals { subtotal { amount } total { amount currencyCode } }
    problems { code message field }
  }
}
`,
  },
  {
    title: "Begin checkout",
    about: "Holds the prices and reserves the order's number. The same cart gives the same number.",
    query: `mutation BeginCheckout($key: ID!, $input: BeginCheckoutInput!) {
  beginCheckout(idempotencyKey: $key, input: $input) {
    checkout {
      orderNumber
      expiresAt
      preview { totals { subtotal { amount } total { amount currencyCode } } }
    }
    isReplay
    userErrors { code message field }
  }
}
`,
    variables: { input: {} },
  },
  {
    title: "Deliver where",
    about: "How a checkout can be delivered to an address, and what the order would cost then.",
    query: `# Run it, choose one of deliveryOptions, write its id into the variable option, and run it again:
# now the total contains the delivery.
query Delivery($number: String!, $address: ShippingAddressInput!, $option: ID) {
  checkout(orderNumber: $number) {
    expiresAt
    deliveryOptions(shippingAddress: $address) { id title price { amount } estimatedDays }
    preview(shippingAddress: $address, deliveryOptionId: $option) {
      lines { quantity unitPrice { amount } total { amount } variant { sku } }
      totals {
        subtotal { amount }
        shipping { amount }
        tax { amount }
        total { amount currencyCode }
      }
    }
  }
}
`,
    variables: { number: NUMBER, address: { address: ADDRESS }, option: null },
  },
  {
    title: "Place the order",
    about: "One order, however often it is sent: try the button that sends the same key again.",
    query: `# The same key again is a replay. A fresh key is told ORDER_NUMBER_USED.
mutation PlaceOrder($key: ID!, $input: PlaceOrderInput!) {
  placeOrder(idempotencyKey: $key, input: $input) {
    order { id version number status expiresAt totals { total { amount currencyCode } } }
    isReplay
    userErrors {
      code
      message
      field
      details {
        ... on PriceChangedDetails { preview { totals { total { amount currencyCode } } } }
        ... on StockDetails { available variant { sku } }
      }
    }
  }
}
`,
    variables: {
      input: {
        orderNumber: NUMBER,
        deliveryOptionId: "<id of a delivery option, from Deliver where>",
        shippingAddress: { address: ADDRESS },
        expectedTotal: { amount: "<total of Deliver where>", currencyCode: "EUR" },
      },
    },
  },
  {
    title: "My orders",
    about: "Newest first, with the pages of the products as they were when they were bought.",
    query: `query MyOrders {
  me {
    orders(first: 5) {
      totalCount
      nodes {
        id
        version
        number
        status
        allowedTransitions
        totals { total { amount currencyCode } }
        lines { title quantity snapshot { title revision } product { title revision } }
        events { sequence kind toStatus occurredAt }
      }
    }
  }
}
`,
  },
  {
    title: "Cancel an order",
    about: "Gives the units back, once. An edit names the version that was read.",
    query: `mutation CancelOrder($key: ID!, $version: Int!, $input: CancelOrderInput!) {
  cancelOrder(idempotencyKey: $key, version: $version, input: $input) {
    order { id version number status }
    isReplay
    userErrors { code message field }
  }
}
`,
    variables: {
      version: 1,
      input: { orderId: "<id of an order, from My orders>", reason: "Changed my mind." },
    },
  },
];
