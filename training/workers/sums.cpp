#include "training/workers/sums.hpp"

#include "ledger/base/ensure.hpp"

#include <algorithm>
#include <functional>

namespace training {

void add(Sums& to, const Sums& shard)
{
    ledger::ensure(to.wide.size() == shard.wide.size() && to.narrow.size() == shard.narrow.size(),
                   "shards have as many numbers as their sum");
    std::ranges::transform(to.wide, shard.wide, to.wide.begin(), std::plus<>{});
    std::ranges::transform(to.narrow, shard.narrow, to.narrow.begin(), std::plus<>{});
}

}  // namespace training
