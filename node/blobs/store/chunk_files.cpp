#include "ledger/transfer/checks.hpp"
#include "node/blobs/store/batch_files.hpp"
#include "node/blobs/store/chunk_place.hpp"

#include <mutex>

namespace node {

using namespace ledger;
using namespace node::batch_files;

namespace {

std::string path_of(const ChunkPlace::Of& of)
{
    return of.folder + "/" + of.name + std::string{chunks_file};
}

/// A file is used by one thread at a time.
class FileOfChunks final : public ChunkBytes {
public:
    FileOfChunks(std::unique_ptr<File> file, const BatchSummary& batch)
        : file_{std::move(file)}, batch_{batch}
    {
    }
    Result<void> write(const ChunkRange& range, ByteView bytes, const Holds&) override
    {
        const std::lock_guard lock{mutex_};
        return file_->write(range.first * sealing::sealed_chunk_bytes, bytes);
    }
    Result<void> sync() override
    {
        const std::lock_guard lock{mutex_};
        return file_->sync();
    }
    Result<Bytes> read(const ChunkRange& range) override
    {
        const std::lock_guard lock{mutex_};
        return file_->read(range.first * sealing::sealed_chunk_bytes,
                           transfer::range_bytes(batch_, range));
    }

private:
    std::mutex mutex_;
    const std::unique_ptr<File> file_;
    const BatchSummary batch_;
};

}  // namespace

Result<void> ChunkFiles::create(const Of& of)
{
    // So that its name is on the disk when the first chunk is.
    const auto file = disk_.open(path_of(of), OpenMode::fresh);
    if (!file) return file.error();
    return {};
}

Result<std::shared_ptr<ChunkBytes>> ChunkFiles::open(const Of& of, const BatchSummary& batch)
{
    auto file = disk_.open(path_of(of), OpenMode::existing);
    if (!file && file.error().kind == ErrorKind::not_found) {
        file = disk_.open(path_of(of), OpenMode::fresh);
        if (const auto done = disk_.sync_folder(of.folder); !done) return done.error();
    }
    if (!file) return file.error();
    return std::make_shared<FileOfChunks>(std::move(*file), batch);
}

Result<void> ChunkFiles::erase(const Of& of)
{
    const auto done = disk_.remove(path_of(of));
    if (!done && done.error().kind != ErrorKind::not_found) return done;
    return {};
}

std::uint64_t ChunkFiles::bytes_of(const BatchSummary& batch, const ChunkSet& have) const
{
    return bytes_in(batch, have);
}

std::uint64_t ChunkFiles::room_for(const BatchSummary& batch, const ChunkSet&,
                                   const ChunkRange& range) const
{
    return transfer::range_bytes(batch, range);
}

}  // namespace node
