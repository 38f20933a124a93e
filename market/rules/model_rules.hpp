#pragma once

#include "market/messages/model.hpp"
#include "market/state/money.hpp"

/// Models: lines, versions, prices, aliases, evaluations, who hosts them (market.md 6).
/// All of it is history: byte deposits stay.
namespace market {

struct ModelLimits {
    static constexpr std::size_t alias_targets = 8;
    static constexpr std::size_t wraps = 16;
    static constexpr std::size_t wrap_bytes = 256;
};

Verdict apply(State&, const Context&, const ModelRegister&);
Verdict apply(State&, const Context&, const ModelVersion&);
Verdict apply(State&, const Context&, const ModelEval&);
Verdict apply(State&, const Context&, const ModelAlias&);
Verdict apply(State&, const Context&, const ModelPrice&);
/// Writes the split addresses of the version and of its line for good; money that came to them
/// before settles.
Verdict apply(State&, const Context&, const ModelHost&);
/// A yanked version stays where aliases point to it: who resolves an alias passes over it.
Verdict apply(State&, const Context&, const ModelYank&);

}  // namespace market
