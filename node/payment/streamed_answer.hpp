#pragma once

#include "node/http/exchange.hpp"

#include <cstddef>
#include <optional>

namespace node {

/// Answers the call, or ends its answer where the head, and maybe a part of the body, went out
/// while it was made, as server-sent events. `sent`: bytes of `response`'s body that the caller
/// has; the rest follows now. Empty: the call failed after all, and `response` is the failure,
/// whose body becomes the last event.
///
/// What would have been a header of the answer, PAYMENT-RESPONSE or Millrace-Pass-Left, is written
/// before that as a comment, ": NAME VALUE", which every reader of such events skips.
asio::awaitable<void> give_answer(Exchange& exchange, Response response,
                                  std::optional<std::size_t> sent);

/// A text, without line breaks, as one server-sent event.
std::string to_event(std::string_view data);

}  // namespace node
