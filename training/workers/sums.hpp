#pragma once

#include <vector>

namespace training {

/// What the shards of a batch add up to, as numbers in two widths. What each number means is known
/// to those who give and take them alone.
struct Sums {
    std::vector<double> wide;
    std::vector<float> narrow;
    friend bool operator==(const Sums&, const Sums&) = default;
};

/// Adds `shard` to `to`, number by number, each rounded once. Whoever adds the same shards in the
/// same order has the same bits: added up anywhere, this is the only place where it is done. Both
/// have as many numbers of each width.
void add(Sums& to, const Sums& shard);

}  // namespace training
