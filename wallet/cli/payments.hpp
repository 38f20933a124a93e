#pragma once

#include "wallet/cli/session.hpp"
#include "wallet/client/paid_client.hpp"

namespace wallet::cli {

/// A client that pays with `key` and keeps its channels in the session's home.
PaidClient make_paid_client(const Session&, const ledger::SecretKey& key);

/// What --pay says: channel, chain, exact or upto.
x402::Scheme scheme_of(const std::string& pay);

/// What was paid and what proves it; null for a free call.
json payment_json(const PaidAnswer&);
void print_payment(const PaidAnswer&);

market::ChannelId channel_id_of(const std::string& text);
/// A channel as the ledger has it, proven; throws `not_found`.
market::Channel channel_on_ledger(const Session&, const market::ChannelId&);

}  // namespace wallet::cli
