#include "wallet/labels/label_items.hpp"

#include "ledger/crypto/sha256.hpp"
#include "market/label_rows.hpp"
#include "wallet/sealed/read_items.hpp"

#include <algorithm>

namespace wallet {
namespace {

bool is_picked(const ledger::Bytes& picks, std::size_t file)
{
    return file / 8 < picks.size() && (picks[file / 8] >> (file % 8) & 1) != 0;
}

}  // namespace

ledger::Result<std::vector<LabelItem>> list_items(
    BatchFolder& batch, const ledger::SecretKey& key,
    const std::function<void(std::uint64_t)>& progress)
{
    std::vector<LabelItem> items;
    ledger::Sha256 hash;
    ledger::sealing::ItemReader::Handler handler;
    handler.begin = [&](const std::string& name, std::uint64_t) -> ledger::Result<void> {
        if (items.size() == most_label_files)
            return ledger::Error{
                ledger::ErrorKind::full,
                "the batch has more than " + std::to_string(most_label_files) + " files"};
        items.push_back({name, {}});
        hash = {};
        return {};
    };
    handler.data = [&](ledger::ByteView piece) -> ledger::Result<void> {
        hash.update(piece);
        return {};
    };
    handler.end = [&]() -> ledger::Result<void> {
        items.back().hash = hash.finish();
        return {};
    };
    if (const auto read = read_items(batch, key, std::move(handler), progress); !read)
        return read.error();
    return items;
}

ledger::Result<ledger::Bytes> picks_of(const std::vector<LabelItem>& files,
                                       const std::set<std::string>& names)
{
    ledger::Bytes picks;
    std::set<std::string> found;
    for (std::size_t i = 0; i < files.size(); ++i) {
        if (!names.contains(files[i].name)) continue;
        if (!found.insert(files[i].name).second)
            return ledger::invalid("two files have the name " + files[i].name);
        picks.resize(i / 8 + 1);
        picks[i / 8] = static_cast<std::uint8_t>(picks[i / 8] | 1U << (i % 8));
    }
    for (const auto& name : names)
        if (!found.contains(name))
            return ledger::Error{ledger::ErrorKind::not_found,
                                 name + " is not among the files of the batches"};
    if (found.size() == files.size()) picks.clear();
    return picks;
}

ledger::Result<std::vector<LabelItem>> picked(std::vector<LabelItem> files,
                                              const ledger::Bytes& picks)
{
    if (picks.empty()) return files;
    for (auto file = files.size(); file < 8 * picks.size(); ++file)
        if (is_picked(picks, file))
            return ledger::invalid("the order picks file " + std::to_string(file) + " of " +
                                   std::to_string(files.size()));
    std::vector<LabelItem> items;
    for (std::size_t i = 0; i < files.size(); ++i)
        if (is_picked(picks, i)) items.push_back(std::move(files[i]));
    return items;
}

ledger::Hash root_of(const std::vector<LabelItem>& items)
{
    std::vector<ledger::Hash> hashes;
    for (const auto& item : items) hashes.push_back(item.hash);
    return market::label_items_root(hashes);
}

}  // namespace wallet
