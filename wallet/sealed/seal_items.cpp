#include "wallet/sealed/seal_items.hpp"

#include "ledger/sealing/items.hpp"
#include "ledger/sealing/sealer.hpp"
#include "wallet/keys/new_file.hpp"
#include "wallet/sealed/new_folder.hpp"

#include <fstream>

namespace wallet {
namespace {

namespace fs = std::filesystem;
using ledger::Bytes;
using ledger::ByteView;
using ledger::Result;
using namespace ledger::sealing;

constexpr std::size_t read_bytes = 256 * 1024;

class ItemSealer {
public:
    ItemSealer(Sealer& sealer, const Progress& progress) : sealer_{sealer}, progress_{progress} {}
    ~ItemSealer() { ledger::wipe(buffer_); }
    ItemSealer(const ItemSealer&) = delete;
    ItemSealer& operator=(const ItemSealer&) = delete;

    Result<void> seal(const FoundItem& item)
    {
        std::ifstream file{item.file, std::ios::binary};
        if (!file) return file_error("cannot open", item.file);
        if (const auto done = sealer_.write(item_header(item.name, item.size)); !done) return done;
        std::uint64_t left = item.size;
        while (true) {
            file.read(reinterpret_cast<char*>(buffer_.data()),
                      static_cast<std::streamsize>(buffer_.size()));
            const auto count = static_cast<std::size_t>(file.gcount());
            if (file.bad()) return file_error("cannot read", item.file);
            if (count > left || (count == 0 && left != 0)) return changed(item);
            if (count == 0) return {};
            if (const auto done = sealer_.write(ByteView{buffer_}.first(count)); !done) return done;
            left -= count;
            read_ += count;
            progress_(read_);
        }
    }

private:
    static ledger::Error changed(const FoundItem& item)
    {
        return ledger::invalid(item.file.string() + " changed its size while it was sealed");
    }

    Sealer& sealer_;
    const Progress& progress_;
    Bytes buffer_ = Bytes(read_bytes);
    std::uint64_t read_ = 0;
};

}  // namespace

Result<BatchManifest> seal_items(const SealRequest& request, ledger::Random& random,
                                 const Progress& progress)
{
    auto folder = NewFolder::create(request.folder);
    if (!folder) return folder.error();
    auto sealed = NewFile::create(folder->path() / "batch.sealed");
    if (!sealed) return sealed.error();
    auto leaves = NewFile::create(folder->path() / "batch.leaves");
    if (!leaves) return leaves.error();

    const auto key = ledger::SecretKey::generate(random);
    Sealer sealer{key, request.dataset, [&](ByteView chunk, const Leaf& leaf) -> Result<void> {
                      Bytes entry;
                      LeafTable::append(entry, leaf);
                      if (const auto done = leaves->write(entry); !done) return done;
                      return sealed->write(chunk);
                  }};
    if (const auto done = sealer.write(items_begin()); !done) return done.error();
    ItemSealer items{sealer, progress};
    for (const auto& item : request.items)
        if (const auto done = items.seal(item); !done) return done.error();
    if (const auto done = sealer.write(items_end()); !done) return done.error();
    const auto summary = sealer.finish();
    if (!summary) return summary.error();

    BatchManifest manifest{request.dataset, summary->point, summary->root,
                           summary->chunks, summary->bytes, {}};
    for (const auto& master : request.masters) {
        auto wrapped = wrap(key, request.dataset, master, random);
        if (!wrapped) return wrapped.error();
        manifest.wraps.push_back({master, std::move(*wrapped)});
    }
    const auto text = manifest_text(manifest);
    // What cannot be read back must not be written.
    if (const auto good = parse_manifest(text); !good) return good.error();
    auto about = NewFile::create(folder->path() / "batch.json");
    if (!about) return about.error();
    if (const auto done = about->write(ledger::as_bytes(text)); !done) return done.error();
    for (auto* file : {&*sealed, &*leaves, &*about})
        if (const auto done = file->commit(false); !done) return done.error();
    if (const auto done = folder->commit(); !done) return done.error();
    return manifest;
}

}  // namespace wallet
