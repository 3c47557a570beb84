// What a client writes against the generated types; tsc --strict must find nothing wrong with it.
import type {
  BrowseQuery,
  CancelOrderMutation,
  OrderUpdatedSubscription,
  PlaceOrderMutationVariables,
} from "./operations";

export const wanted: PlaceOrderMutationVariables = {
  key: crypto.randomUUID(),
  input: {
    orderNumber: "261127000000014882",
    deliveryOptionId: "RGVsaXZlcnlSYXRlOjE",
    expectedTotal: { amount: "5.50", currencyCode: "EUR" },
    shippingAddress: {
      address: { name: "Ann", countryCode: "DE", city: "Hamburg", line1: "Quay 1" },
    },
  },
};

/** The version to edit next: that of a conflict, if there was one. */
export function nextVersion({ cancelOrder }: CancelOrderMutation): number | null {
  // Null to whom the mutation is not for.
  if (!cancelOrder) return null;
  for (const { code, details } of cancelOrder.userErrors) {
    if (code === "VERSION_CONFLICT" && details?.__typename === "VersionConflictDetails") {
      const current = details.current;
      return current?.__typename === "Order" ? current.version : details.currentVersion;
    }
  }
  return cancelOrder.order?.version ?? null;
}

export function titles({ products }: BrowseQuery): string[] {
  return products?.edges.map(({ node }) => node.title) ?? [];
}

/** Where to begin again; a text, as it may be larger than a number can tell. */
export function place({ orderUpdated }: OrderUpdatedSubscription): string | null {
  return orderUpdated.publishSequence;
}
