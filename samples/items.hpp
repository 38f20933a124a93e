#pragma once

#include "ledger/base/bytes.hpp"
#include "ledger/base/result.hpp"
#include "samples/limits.hpp"

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace samples {

/// Named bytes, by name and each name once: the files of a folder, or data of the ledger that was
/// opened in memory and is nowhere on the disk. Names are paths with slashes, relative. Reading
/// does not change items: several threads may read at once.
class Items {
public:
    using Take = std::function<ledger::Result<void>(ledger::ByteView piece)>;

    virtual ~Items() = default;
    virtual std::size_t size() const = 0;
    /// Valid as long as the items.
    virtual const std::string& name(std::size_t index) const = 0;
    /// All bytes of one item; `full` when there are more than `most`. Errors name the item.
    virtual ledger::Result<std::shared_ptr<const ledger::Bytes>> bytes(
        std::size_t index, std::uint64_t most) const = 0;
    /// The same in pieces, for what need not be held; ends with the first error of `take`.
    virtual ledger::Result<void> pieces(std::size_t index, const Take& take) const = 0;
};

struct Item {
    std::string name;
    ledger::Bytes bytes;
};

/// The regular files below `folder`, or that one file under its own name. What begins with a dot
/// and links to folders are passed over. Files are read when asked for.
/// `not_found`, `io`; `full` above Limits::items.
ledger::Result<std::shared_ptr<const Items>> items_of(const std::filesystem::path& path,
                                                      const Limits& limits = {});

/// `invalid` where two have one name.
ledger::Result<std::shared_ptr<const Items>> items_in_memory(std::vector<Item> items);

/// Which item has this name; empty where none has.
std::optional<std::size_t> find_item(const Items& items, std::string_view name);

}  // namespace samples
