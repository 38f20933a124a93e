#pragma once

#include "tests/functional/load/caller.hpp"

namespace load {

/// By links of hash chains, which end now and then.
class ChainCaller final : public ChannelCaller {
public:
    ChainCaller(const Parts& parts, std::uint64_t lane);

private:
    struct Chain {
        market::ChainTerms terms;
        ledger::Hash seed;
        std::uint32_t used{};
        bool opened = false;
    };

    void load();
    void save() const override;
    std::string next_payment() override;
    bool take(const wallet::HttpReply&) override;

    Chain chain_;
};

}  // namespace load
