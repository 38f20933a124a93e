#include "ledger/consensus/epoch.hpp"

#include "ledger/base/ensure.hpp"
#include "ledger/codec/binary.hpp"
#include "ledger/crypto/hash.hpp"

#include <numeric>
#include <utility>

namespace ledger::consensus {
namespace {

struct LeaderDraw {
    ChainId chain_id;
    std::uint64_t epoch{};
    BlockId anchor;
    std::uint64_t counter{};
};
MILLRACE_DESCRIBE(LeaderDraw, (chain_id, epoch, anchor, counter))

struct ProposalSubject {
    ChainId chain_id;
    std::uint64_t epoch{};
    BlockId anchor;
    std::uint64_t view{};
    BlockId id;
};
MILLRACE_DESCRIBE(ProposalSubject, (chain_id, epoch, anchor, view, id))

std::uint64_t draw(const LeaderDraw& from)
{
    const auto hash = tagged_sha256("millrace/leader", codec::encode(from));
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < 8; ++i) value = value << 8 | hash.bytes[i];
    return value;
}

}  // namespace

std::vector<Index> leader_order(ChainId chain_id, std::uint64_t epoch, const BlockId& anchor,
                                std::size_t n)
{
    std::vector<Index> order(n);
    std::iota(order.begin(), order.end(), Index{0});
    LeaderDraw from{chain_id, epoch, anchor, 0};
    for (auto left = n; left > 1; --left) {
        // Values from the incomplete last multiple of `left` would favour low numbers.
        const auto uneven = (~std::uint64_t{0} % left + 1) % left;
        auto value = draw(from);
        for (++from.counter; value > ~std::uint64_t{0} - uneven; ++from.counter) value = draw(from);
        std::swap(order[left - 1], order[value % left]);
    }
    return order;
}

Epoch::Epoch(ChainId chain_id, std::uint64_t number, const BlockId& anchor, ValidatorSet set)
    : chain_id_{chain_id},
      number_{number},
      anchor_{anchor},
      set_{std::move(set)},
      set_hash_{valset_hash(set_)},
      order_{leader_order(chain_id, number, anchor, set_.size())}
{
    ensure(!set_.empty() && set_.size() <= SetLimits::validators,
           "an epoch has 1...128 validators");
    for (const auto& validator : set_) {
        ensure(validator.power != 0 && validator.power <= (std::uint64_t{1} << 62) - total_,
               "every validator has power, and the sum fits");
        total_ += validator.power;
    }
    quorum_ = ledger::quorum(set_);
}

Hash Epoch::proposal_digest(View view, const BlockId& id) const
{
    static const TaggedHasher hash{"millrace/prop"};
    return hash(codec::encode(ProposalSubject{chain_id_, number_, anchor_, view, id}));
}

}  // namespace ledger::consensus
