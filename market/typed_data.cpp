#include "market/typed_data.hpp"

#include "ledger/codec/typed_json.hpp"

namespace market {

nlohmann::json typed_data(const ledger::eip712::Domain& domain, const ledger::Transaction& envelope,
                          const Message& message)
{
    return std::visit(
        [&](const auto& m) {
            using M = std::decay_t<decltype(m)>;
            return ledger::eip712::typed_json(
                domain, ledger::Envelope<M>{envelope.sender, envelope.lane, envelope.nonce,
                                            envelope.fee, envelope.valid_until, m});
        },
        message);
}

}  // namespace market
