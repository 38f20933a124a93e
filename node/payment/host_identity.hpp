#pragma once

#include "ledger/crypto/secp256k1.hpp"

namespace node {

/// Who is paid for and signs receipts. The key is one of the host's active keys; its address is
/// the `receiverAuthorizer` of the channels offered here.
struct HostIdentity {
    ledger::Address host;
    ledger::SecretKey key;
    ledger::Address authorizer;

    HostIdentity(const ledger::Address& host_account, ledger::SecretKey signing_key)
        : host{host_account}, key{std::move(signing_key)}, authorizer{ledger::address_of(key)}
    {
    }
};

}  // namespace node
