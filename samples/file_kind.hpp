#pragma once

#include "samples/items.hpp"

namespace samples {

enum class FileKind { tell, pictures, recordings, table, idx, npy };

/// "pictures", "wav", "csv", "idx", "npy"; empty for every other name.
std::optional<FileKind> file_kind_named(std::string_view name);

/// By the ending alone; `tell` where that says nothing.
FileKind kind_by_name(std::string_view name);

/// By the endings, where the file is the only one by its first bytes. A table beside other files
/// says what these are to be answered with. `invalid` where there are several kinds, or none.
ledger::Result<FileKind> kind_of(const Items& items);

/// Whether a name ends so, large or small letters alike; `ending` in small ones.
bool has_ending(std::string_view name, std::string_view ending);

}  // namespace samples
