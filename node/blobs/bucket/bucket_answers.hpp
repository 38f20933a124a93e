#pragma once

#include "ledger/base/result.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

/// The few things that are read of an object store's XML. Pure. What an answer says is checked
/// here, as far as form goes: its sender is a stranger, as everybody on the network is.
namespace node::bucket_answers {

/// At most so many keys of one listing, and so many are removed at once.
inline constexpr std::size_t most_keys = 1'000;

/// The text of <Code> in an error's body; empty when there is none that looks like a code.
std::string error_code(std::string_view body);

/// The keys of a ListObjectsV2 answer, in its order. `invalid` when it is none, has more than
/// `most_keys`, or has one that does not begin with `prefix` or has characters that no key of ours
/// has.
ledger::Result<std::vector<std::string>> listed_keys(std::string_view body,
                                                     std::string_view prefix);

/// Whether a ListObjectsV2 answer says that more keys follow.
bool has_more_keys(std::string_view body);

/// The body of DeleteObjects. The keys are ours, so that nothing in them has to be escaped.
std::string removal_text(const std::vector<std::string>& keys);
/// The code of the first key that was not removed; empty when all were. `invalid` for what is no
/// answer to DeleteObjects.
ledger::Result<std::string> removal_error(std::string_view body);

/// Letters, digits, '-', '_', '.', '~' and '/': nothing that a path or XML would escape.
bool is_plain_key(std::string_view key);

}  // namespace node::bucket_answers
