#pragma once

#include "market/message.hpp"

namespace market {

/// What an Ethereum wallet is asked to sign (eth_signTypedData_v4) for this message in this
/// envelope: {"types","primaryType","domain","message"}. Its digest is `transaction_id`. Of the
/// envelope only the signed members count, not its body.
nlohmann::json typed_data(const ledger::eip712::Domain&, const ledger::Transaction& envelope,
                          const Message&);

}  // namespace market
