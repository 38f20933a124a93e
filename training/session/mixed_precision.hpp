#pragma once

#include "training/recipe/recipe.hpp"

#include <ATen/autocast_mode.h>

namespace training {

/// While this lives, libtorch computes products and convolutions in the precision that a recipe
/// asks for, and keeps sums and losses in 32 bits (Micikevicius et al. 2018). This thread's.
class MixedPrecision {
public:
    explicit MixedPrecision(Precision precision) : is_on_{precision == Precision::bfloat16}
    {
        if (!is_on_) return;
        at::autocast::set_autocast_cpu_dtype(at::kBFloat16);
        at::autocast::set_cpu_enabled(true);
        at::autocast::increment_nesting();
    }
    ~MixedPrecision()
    {
        if (!is_on_) return;
        if (at::autocast::decrement_nesting() == 0) at::autocast::clear_cache();
        at::autocast::set_cpu_enabled(false);
    }
    MixedPrecision(const MixedPrecision&) = delete;
    MixedPrecision& operator=(const MixedPrecision&) = delete;

private:
    bool is_on_;
};

}  // namespace training
