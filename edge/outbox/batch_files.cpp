#include "edge/outbox/batch_files.hpp"

#include "ledger/base/hex.hpp"

#include <memory>
#include <utility>
#include <vector>

namespace edge {
namespace {

using ledger::Bytes;
using ledger::ByteView;
using ledger::Error;
using ledger::ErrorKind;
using ledger::Result;
using ledger::to_hex0x;
using namespace ledger::sealing;

/// An object whose members need no escape: hex digits and decimals.
class Members {
public:
    void add(const std::string& name, const std::string& text)
    {
        add_raw(name, "\"" + text + "\"");
    }
    void add(const std::string& name, std::uint64_t number) { add(name, std::to_string(number)); }
    void add_raw(const std::string& name, const std::string& json)
    {
        text_ += (text_.empty() ? "" : ",\n") + std::string{"  \""} + name + "\": " + json;
    }
    std::string object() const { return "{\n" + text_ + "\n}\n"; }

private:
    std::string text_;
};

std::string list(const std::vector<std::string>& entries)
{
    std::string text;
    for (const auto& entry : entries) text += (text.empty() ? "\n    " : ",\n    ") + entry;
    return "[" + text + "\n  ]";
}

/// A file that is written from its beginning to its end.
class Writer {
public:
    static Result<Writer> create(ledger::Disk& disk, const std::string& path)
    {
        auto file = disk.open(path, ledger::OpenMode::fresh);
        if (!file) return file.error();
        return Writer{std::move(*file)};
    }
    Result<void> write(ByteView bytes)
    {
        const auto done = file_->write(written_, bytes);
        if (done) written_ += bytes.size();
        return done;
    }
    Result<void> sync() { return file_->sync(); }

private:
    explicit Writer(std::unique_ptr<ledger::File> file) : file_{std::move(file)} {}
    std::unique_ptr<ledger::File> file_;
    std::uint64_t written_ = 0;
};

Result<void> write_file(ledger::Disk& disk, const std::string& path, ByteView bytes)
{
    auto file = Writer::create(disk, path);
    if (!file) return file.error();
    if (const auto done = file->write(bytes); !done) return done;
    return file->sync();
}

}  // namespace

std::string manifest_text(const StoredBatch& batch)
{
    const auto& said = batch.contribution;
    Members members;
    members.add("dataset", to_hex0x(said.dataset.view()));
    members.add("point", to_hex0x(said.summary.point.view()));
    members.add("root", to_hex0x(said.summary.root.view()));
    members.add_raw("chunks", std::to_string(said.summary.chunks));
    members.add_raw("bytes", std::to_string(said.summary.bytes));
    std::vector<std::string> wraps;
    for (const auto& wrap : batch.image.begin().wraps)
        wraps.push_back("{\"to\": \"" + to_hex0x(wrap.to.view()) + "\", \"key\": \"" +
                        to_hex0x(wrap.key) + "\"}");
    members.add_raw("wraps", list(wraps));
    return members.object();
}

std::string contribution_text(const StoredBatch& batch, const ledger::PublicKey& device)
{
    const auto& said = batch.contribution;
    Members members;
    members.add("network", to_hex0x(said.network.view()));
    members.add("dataset", to_hex0x(said.dataset.view()));
    members.add("batch", said.batch);
    members.add("point", to_hex0x(said.summary.point.view()));
    members.add("root", to_hex0x(said.summary.root.view()));
    members.add("chunks", said.summary.chunks);
    members.add("bytes", said.summary.bytes);
    members.add("shares", said.shares);
    members.add("schema", to_hex0x(said.schema.view()));
    members.add("meta", to_hex0x(said.meta.view()));
    std::vector<std::string> wraps;
    for (const auto& wrap : said.wraps) wraps.push_back("\"" + to_hex0x(wrap) + "\"");
    members.add_raw("wraps", list(wraps));
    members.add("device", to_hex0x(device.view()));
    members.add("signature", to_hex0x(batch.signature.view()));
    return members.object();
}

Result<void> write_batch_files(ledger::Disk& disk, const std::string& folder,
                               const StoredBatch& batch, const ledger::PublicKey& device)
{
    if (const auto done = disk.make_folder(folder); !done) return done;
    auto sealed = Writer::create(disk, folder + "/batch.sealed");
    if (!sealed) return sealed.error();
    Bytes leaves;
    const auto root =
        root_of(*batch.file, batch.image, [&](ByteView chunk, const Leaf& leaf) -> Result<void> {
            LeafTable::append(leaves, leaf);
            return sealed->write(chunk);
        });
    if (!root) return root.error();
    if (*root != batch.contribution.summary.root)
        return Error{ErrorKind::corrupt, "the batch is not the one that was signed"};
    if (const auto done = sealed->sync(); !done) return done;
    if (const auto done = write_file(disk, folder + "/batch.leaves", leaves); !done) return done;
    if (const auto done =
            write_file(disk, folder + "/batch.json", ledger::as_bytes(manifest_text(batch)));
        !done)
        return done;
    if (const auto done = write_file(disk, folder + "/contribution.json",
                                     ledger::as_bytes(contribution_text(batch, device)));
        !done)
        return done;
    return disk.sync_folder(folder);
}

}  // namespace edge
