#include "wallet/batches/partial_batch.hpp"

#include "wallet/keys/new_file.hpp"
#include "wallet/keys/private_files.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace wallet {
namespace {

namespace fs = std::filesystem;
namespace transfer = ledger::transfer;
using ledger::Bytes;
using ledger::ByteView;
using ledger::Error;
using ledger::ErrorKind;
using ledger::Result;
using ledger::sealing::sealed_chunk_bytes;

constexpr auto leaf_bytes = ledger::sealing::LeafTable::entry_bytes;

bool sync_folder(const fs::path& folder)
{
    const int names = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const bool synced = names >= 0 && ::fsync(names) == 0;
    if (names >= 0) ::close(names);
    return synced;
}

fs::path parent_of(const fs::path& path)
{
    return path.has_parent_path() ? path.parent_path() : fs::path{"."};
}

Error denied(const fs::path& path, const std::string& what)
{
    return {ErrorKind::denied, path.string() + " " + what};
}

std::uint64_t size_of(int file)
{
    struct stat about {};
    return ::fstat(file, &about) == 0 ? static_cast<std::uint64_t>(about.st_size) : 0;
}

}  // namespace

Result<std::unique_ptr<PartialBatch>> PartialBatch::open(const fs::path& given,
                                                         const transfer::BatchManifest& manifest)
{
    const auto folder = given.has_filename() ? given : given.parent_path();
    std::error_code problem;
    if (fs::exists(fs::symlink_status(folder, problem)))
        return denied(folder, "is there already; choose another name");
    std::unique_ptr<PartialBatch> batch{new PartialBatch{folder, manifest}};
    fs::create_directories(parent_of(folder), problem);
    if (const auto made = make_private_folder(batch->partial_); !made) return made.error();
    if (const auto opened = batch->open_files(manifest); !opened) return opened.error();
    return batch;
}

PartialBatch::~PartialBatch()
{
    if (leaves_ >= 0) ::close(leaves_);
    if (sealed_ >= 0) ::close(sealed_);
}

Result<void> PartialBatch::open_files(const transfer::BatchManifest& manifest)
{
    const auto about = partial_ / "batch.json";
    const auto text = read_private_file(about, transfer::manifest_bytes);
    if (!text && text.error().kind != ErrorKind::not_found) return text.error();
    if (text) {
        const auto there = transfer::parse_manifest(*text);
        if (!there || there->summary() != manifest.summary())
            return denied(partial_,
                          "holds a part of another batch; remove it or choose another "
                          "name");
        // Whom the key is wrapped for stands in no root: what was said last time may be a lie.
        std::error_code problem;
        fs::remove(about, problem);
    }
    const auto written = write_new_private_file(about, transfer::manifest_text(manifest));
    if (!written) return written;
    const auto open_one = [&](const char* name) {
        return ::open((partial_ / name).c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    };
    leaves_ = open_one("batch.leaves");
    sealed_ = open_one("batch.sealed");
    if (leaves_ < 0 || sealed_ < 0) return file_error("cannot write in", partial_);
    if (::flock(sealed_, LOCK_EX | LOCK_NB) != 0)
        return denied(partial_, "is being written by another program");
    return {};
}

Result<Bytes> PartialBatch::read(int file, std::uint64_t offset, std::size_t bytes) const
{
    Bytes read(bytes);
    std::size_t filled = 0;
    while (filled < bytes) {
        const auto done = ::pread(file, read.data() + filled, bytes - filled,
                                  static_cast<off_t>(offset + filled));
        if (done < 0 && errno == EINTR) continue;
        if (done < 0) return file_error("cannot read in", partial_);
        if (done == 0) break;  // what is not there reads as zeros: no chunk
        filled += static_cast<std::size_t>(done);
    }
    return read;
}

Result<void> PartialBatch::write(int file, std::uint64_t offset, ByteView bytes)
{
    while (!bytes.empty()) {
        const auto done = ::pwrite(file, bytes.data(), bytes.size(), static_cast<off_t>(offset));
        if (done < 0 && errno == EINTR) continue;
        if (done < 0) return file_error("cannot write in", partial_);
        bytes = bytes.subspan(static_cast<std::size_t>(done));
        offset += static_cast<std::uint64_t>(done);
    }
    return {};
}

Result<void> PartialBatch::look_at_table()
{
    if (size_of(leaves_) != batch_.chunks * leaf_bytes) return {};
    transfer::TableCheck check{batch_};
    while (check.leaves() < batch_.chunks) {
        const auto count = std::min(transfer::piece_leaves, batch_.chunks - check.leaves());
        const auto leaves = read(leaves_, check.leaves() * leaf_bytes, count * leaf_bytes);
        if (!leaves) return leaves.error();
        if (const auto added = check.add(*leaves); !added) return added;
    }
    has_table_ = check.holds();
    return {};
}

Result<void> PartialBatch::look(const std::function<void(std::uint64_t)>& progress)
{
    if (const auto looked = look_at_table(); !looked) return looked;
    const auto written = size_of(sealed_);
    for (std::uint64_t first = 0; has_table_ && first < batch_.chunks;) {
        // Holes are passed over.
        const auto data =
            ::lseek(sealed_, static_cast<off_t>(first * sealed_chunk_bytes), SEEK_DATA);
        if (data < 0 && errno == ENXIO) break;
        if (data > 0)
            first = std::max(first, static_cast<std::uint64_t>(data) / sealed_chunk_bytes);
        if (first >= batch_.chunks || first * sealed_chunk_bytes >= written) break;
        const transfer::ChunkRange range{first,
                                         std::min(transfer::piece_chunks, batch_.chunks - first)};
        const auto bytes =
            read(sealed_, first * sealed_chunk_bytes, transfer::range_bytes(batch_, range));
        const auto leaves = read(leaves_, first * leaf_bytes, range.count * leaf_bytes);
        if (!bytes || !leaves) return bytes ? leaves.error() : bytes.error();
        for (std::uint64_t i = 0; i < range.count; ++i) {
            const transfer::ChunkRange one{first + i, 1};
            const auto chunk = ByteView{*bytes}.subspan(i * sealed_chunk_bytes,
                                                        transfer::range_bytes(batch_, one));
            const auto leaf = ByteView{*leaves}.subspan(i * leaf_bytes, leaf_bytes);
            if (transfer::good_chunks(batch_, one, chunk, leaf) == 1) have_.set(first + i);
        }
        first = range.end();
        progress(std::min(first * sealed_chunk_bytes, batch_.bytes));
    }
    return {};
}

Result<void> PartialBatch::begin_table()
{
    check_ = transfer::TableCheck{batch_};
    has_table_ = false;
    if (::ftruncate(leaves_, 0) != 0) return file_error("cannot write in", partial_);
    return {};
}

Result<void> PartialBatch::add_leaves(std::uint64_t first, ByteView leaves)
{
    if (first != check_.leaves()) return ledger::invalid("leaves come in order");
    if (const auto added = check_.add(leaves); !added) return added;
    return write(leaves_, first * leaf_bytes, leaves);
}

Result<bool> PartialBatch::finish_table()
{
    has_table_ = check_.holds();
    if (has_table_ && ::fdatasync(leaves_) != 0) return file_error("cannot sync", partial_);
    return has_table_;
}

Result<std::uint64_t> PartialBatch::keep(const transfer::ChunkRange& range, ByteView bytes)
{
    const auto leaves = read(leaves_, range.first * leaf_bytes, range.count * leaf_bytes);
    if (!leaves) return leaves.error();
    const auto good = transfer::good_chunks(batch_, range, bytes, *leaves);
    if (good == 0) return good;
    const auto length = transfer::range_bytes(batch_, {range.first, good});
    const auto written = write(sealed_, range.first * sealed_chunk_bytes, bytes.first(length));
    if (!written) return written.error();
    return good;
}

Result<void> PartialBatch::sync()
{
    if (::fdatasync(sealed_) != 0) return file_error("cannot sync", partial_);
    return {};
}

Result<void> PartialBatch::commit()
{
    if (::fsync(sealed_) != 0 || ::fsync(leaves_) != 0 || !sync_folder(partial_))
        return file_error("cannot sync", partial_);
    if (::rename(partial_.c_str(), folder_.c_str()) != 0)
        return file_error("cannot write", folder_);
    if (!sync_folder(parent_of(folder_))) return file_error("cannot sync", parent_of(folder_));
    return {};
}

}  // namespace wallet
