#include "samples/items.hpp"

#include <algorithm>
#include <fstream>

namespace samples {
namespace {

using ledger::Bytes;
using ledger::Error;
using ledger::ErrorKind;
using ledger::Result;

constexpr std::size_t piece_bytes = 256u << 10;

Error too_large(const std::string& name, std::uint64_t most)
{
    return {ErrorKind::full, name + " has more than " + std::to_string(most) + " bytes"};
}

Error unreadable(const std::string& name)
{
    return {ErrorKind::io, name + " cannot be read"};
}

class FolderItems final : public Items {
public:
    FolderItems(std::filesystem::path root, std::vector<std::string> names)
        : root_{std::move(root)}, names_{std::move(names)}
    {
    }

    std::size_t size() const override { return names_.size(); }
    const std::string& name(std::size_t index) const override { return names_[index]; }

    Result<std::shared_ptr<const Bytes>> bytes(std::size_t index, std::uint64_t most) const override
    {
        std::error_code error;
        const auto size = std::filesystem::file_size(root_ / names_[index], error);
        if (error) return unreadable(names_[index]);
        if (size > most) return too_large(names_[index], most);
        const auto whole = std::make_shared<Bytes>();
        whole->reserve(size);
        const auto read = pieces(index, [&](ledger::ByteView piece) -> Result<void> {
            // The file may have grown since its size was asked.
            if (piece.size() > most - whole->size()) return too_large(names_[index], most);
            ledger::append(*whole, piece);
            return {};
        });
        if (!read) return read.error();
        return std::shared_ptr<const Bytes>{whole};
    }

    Result<void> pieces(std::size_t index, const Take& take) const override
    {
        std::ifstream file{root_ / names_[index], std::ios::binary};
        if (!file) return unreadable(names_[index]);
        Bytes piece(piece_bytes);
        while (file) {
            file.read(reinterpret_cast<char*>(piece.data()), piece_bytes);
            const auto got = static_cast<std::size_t>(file.gcount());
            if (file.bad()) return unreadable(names_[index]);
            if (got == 0) break;
            if (auto taken = take(ledger::ByteView{piece}.first(got)); !taken) return taken;
        }
        return {};
    }

private:
    std::filesystem::path root_;
    std::vector<std::string> names_;
};

class MemoryItems final : public Items {
public:
    struct Held {
        std::string name;
        std::shared_ptr<const Bytes> bytes;
    };
    explicit MemoryItems(std::vector<Held> items) : items_{std::move(items)} {}

    std::size_t size() const override { return items_.size(); }
    const std::string& name(std::size_t index) const override { return items_[index].name; }

    Result<std::shared_ptr<const Bytes>> bytes(std::size_t index, std::uint64_t most) const override
    {
        if (items_[index].bytes->size() > most) return too_large(items_[index].name, most);
        return items_[index].bytes;
    }

    Result<void> pieces(std::size_t index, const Take& take) const override
    {
        return take(*items_[index].bytes);
    }

private:
    std::vector<Held> items_;
};

bool is_hidden(const std::filesystem::path& path)
{
    return path.filename().native().starts_with('.');
}

Result<std::vector<std::string>> files_below(const std::filesystem::path& root,
                                             const Limits& limits)
{
    namespace fs = std::filesystem;
    std::vector<std::string> names;
    std::error_code error;
    fs::recursive_directory_iterator at{root, error};
    for (; !error && at != fs::recursive_directory_iterator{}; at.increment(error)) {
        if (is_hidden(at->path())) {
            at.disable_recursion_pending();
            continue;
        }
        std::error_code ignored;  // a link to nothing is no regular file
        if (!at->is_regular_file(ignored)) continue;
        if (names.size() == limits.items)
            return Error{ErrorKind::full, root.string() + " has more than " +
                                              std::to_string(limits.items) + " files"};
        names.push_back(at->path().lexically_relative(root).generic_string());
    }
    if (error) return Error{ErrorKind::io, root.string() + ": " + error.message()};
    std::ranges::sort(names);
    return names;
}

}  // namespace

Result<std::shared_ptr<const Items>> items_of(const std::filesystem::path& path,
                                              const Limits& limits)
{
    namespace fs = std::filesystem;
    std::error_code error;
    const auto status = fs::status(path, error);
    if (!fs::exists(status)) return Error{ErrorKind::not_found, "there is no " + path.string()};
    if (fs::is_regular_file(status))
        return std::shared_ptr<const Items>{std::make_shared<FolderItems>(
            path.parent_path(), std::vector{path.filename().string()})};
    if (!fs::is_directory(status))
        return ledger::invalid(path.string() + " is neither a file nor a folder");
    auto names = files_below(path, limits);
    if (!names) return names.error();
    return std::shared_ptr<const Items>{std::make_shared<FolderItems>(path, std::move(*names))};
}

Result<std::shared_ptr<const Items>> items_in_memory(std::vector<Item> items)
{
    std::ranges::sort(items, {}, &Item::name);
    std::vector<MemoryItems::Held> held;
    held.reserve(items.size());
    for (auto& item : items) {
        if (!held.empty() && held.back().name == item.name)
            return ledger::invalid("two items are named " + item.name);
        held.push_back(
            {std::move(item.name), std::make_shared<const Bytes>(std::move(item.bytes))});
    }
    return std::shared_ptr<const Items>{std::make_shared<MemoryItems>(std::move(held))};
}

std::optional<std::size_t> find_item(const Items& items, std::string_view name)
{
    std::size_t low = 0;
    auto high = items.size();
    while (low < high) {
        const auto middle = low + (high - low) / 2;
        if (items.name(middle) < name)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == items.size() || items.name(low) != name) return {};
    return low;
}

}  // namespace samples
