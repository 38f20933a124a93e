#include "edge/queue/open_batch.hpp"

#include "edge/queue/record.hpp"
#include "ledger/base/ensure.hpp"
#include "ledger/sealing/chunk.hpp"
#include "ledger/sealing/items.hpp"

namespace edge {

using ledger::Error;
using ledger::ErrorKind;
using ledger::Result;
using namespace ledger::sealing;

Result<std::unique_ptr<OpenBatch>> OpenBatch::make(
    std::uint64_t number, BatchBegin begin, const std::vector<ledger::X25519PublicKey>& masters,
    ledger::Random& random)
{
    const auto key = ledger::SecretKey::generate(random);
    begin.point = public_key(key);
    begin.wraps.clear();
    for (const auto& master : masters) {
        auto wrapped = wrap(key, begin.dataset, master, random);
        if (!wrapped) return wrapped.error();
        begin.wraps.push_back({master, std::move(*wrapped)});
    }
    return std::unique_ptr<OpenBatch>{new OpenBatch{number, std::move(begin), key}};
}

OpenBatch::OpenBatch(std::uint64_t number, BatchBegin begin, const ledger::SecretKey& key)
    : number_{number}, begin_{std::move(begin)}, growing_{key, begin_.dataset}
{
    growing_.write(items_begin());
}

Result<void> OpenBatch::check_name(std::string_view name) const
{
    const Error taken{ErrorKind::denied, "the unfinished batch has an item or a folder named " +
                                             std::string{name} + " already; cut it first"};
    if (names_.contains(name) || folders_.contains(name)) return taken;
    for (auto slash = name.find('/'); slash != std::string_view::npos;
         slash = name.find('/', slash + 1))
        if (names_.contains(name.substr(0, slash))) return taken;
    return {};
}

void OpenBatch::add(std::string_view name, ledger::ByteView bytes, std::uint64_t shares,
                    const std::optional<ItemId>& id)
{
    names_.emplace(name);
    for (auto slash = name.find('/'); slash != std::string_view::npos;
         slash = name.find('/', slash + 1))
        folders_.emplace(name.substr(0, slash));
    growing_.write(item_header(name, bytes.size()));
    growing_.write(bytes);
    added_bytes_ += 11 + name.size() + bytes.size();
    ++piece_.items;
    piece_.shares += shares;
    if (id) piece_.ids.push_back(*id);
}

std::uint64_t OpenBatch::most_growth(std::size_t name_bytes, std::uint64_t item_bytes) const
{
    const auto text = added_bytes_ + 11 + name_bytes + item_bytes;
    const auto chunks = text / chunk_bytes + 2;
    const auto told = piece_length_bytes + 32 + (piece_.ids.size() + 1) * ItemId::size;
    const auto begin = is_created() ? 0 : record_frame_bytes + encode_begin(begin_).size();
    return begin + record_frame_bytes + told + text + chunks * (tag_bytes + ledger::Hash::size);
}

Result<void> OpenBatch::create(ledger::Disk& disk, const std::string& folder,
                               const std::string& path)
{
    auto file = disk.open(path, ledger::OpenMode::fresh);
    if (!file) return file.error();
    file_ = std::move(*file);
    const auto record = encode_record(number_, RecordType::begin, records_++, encode_begin(begin_));
    if (const auto done = file_->write(0, record); !done) return done;
    if (const auto done = file_->sync(); !done) return done;
    file_bytes_ = record.size();
    return disk.sync_folder(folder);
}

Result<void> OpenBatch::sync()
{
    ledger::ensure(file_ != nullptr, "a batch is created before it is synced");
    auto grown = growing_.grow();
    piece_.from = grown.from;
    piece_.key_hashes = std::move(grown.key_hashes);
    const auto record =
        encode_record(number_, RecordType::piece, records_++, encode_piece(piece_, grown.sealed));
    if (const auto done = file_->write(file_bytes_, record); !done) return done;
    if (const auto done = file_->sync(); !done) return done;
    file_bytes_ += record.size();
    added_bytes_ = 0;
    synced_items_ = piece_.items;
    synced_ids_.insert(synced_ids_.end(), piece_.ids.begin(), piece_.ids.end());
    piece_.ids.clear();
    return {};
}

}  // namespace edge
