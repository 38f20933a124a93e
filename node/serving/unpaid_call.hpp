#pragma once

#include "node/serving/inference_routes.hpp"
#include "node/serving/tiers.hpp"

namespace node {

/// Answers a call of a model that has a price where its caller need not pay for it: it shows a
/// pass ("Authorization: Bearer mrp1_…"), or the host gives it away. False, with nothing answered,
/// when it has to be paid for after all. A call that fails uses up nothing of a pass, but for one
/// whose count takes over a minute to become durable.
///
/// Answers to a pass: 401 with WWW-Authenticate when it is none of this node's or is over, 403 for
/// another model's; one that is used up pays like anybody. Millrace-Pass-Left says what is left.
asio::awaitable<bool> serve_unpaid(const ServingParts&, Exchange&, const market::ModelId&,
                                   const Tiers&, PaidRunner&);

}  // namespace node
