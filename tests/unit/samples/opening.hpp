#pragma once

#include "samples/open.hpp"
#include "tests/unit/samples/files.hpp"

/// Sources of items in memory, and why there is none.
namespace samples {

inline OpenOptions of_items(std::vector<Item> items)
{
    OpenOptions options;
    options.items = in_memory(std::move(items));
    return options;
}

inline std::string why(const OpenOptions& options, const inference::ModelIo& io)
{
    const auto source = open(options, io);
    return source ? std::string{"it is opened"} : source.error().detail;
}

}  // namespace samples
