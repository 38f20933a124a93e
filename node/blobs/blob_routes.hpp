#pragma once

#include "node/blobs/card_store.hpp"
#include "node/blobs/registered_cards.hpp"
#include "node/http/router.hpp"

namespace node {

struct BlobParts {
    CardStore& cards;
    RegisteredCards& registered;
};

/// POST /v1/blobs and GET /v1/blobs/{sha256}. The parts outlive the router.
void add_blob_routes(Router&, const BlobParts&);

}  // namespace node
