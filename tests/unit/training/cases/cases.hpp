#pragma once

#include "tests/support/operator_case.hpp"

#include <vector>

/// Cases by family: at least one for each operator and for each attribute of note.
namespace training::cases {

using Cases = std::vector<OperatorCase>;
using inference::DataType;

void add_elementwise(Cases& cases);
void add_activations(Cases& cases);
void add_windows(Cases& cases);
void add_products(Cases& cases);
void add_normalisations(Cases& cases);
void add_reductions(Cases& cases);
void add_shapes(Cases& cases);
void add_gathering(Cases& cases);
void add_slicing(Cases& cases);
void add_resizing(Cases& cases);
void add_recurrent(Cases& cases);
void add_quantised(Cases& cases);

/// All of them.
const Cases& all();

}  // namespace training::cases
