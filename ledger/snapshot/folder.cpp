#include "ledger/snapshot/folder.hpp"

#include "ledger/codec/binary.hpp"

#include <algorithm>

namespace ledger {
namespace {

constexpr const char* manifest_name = "manifest";
constexpr const char* seals_name = "seals";

std::string parent_of(const std::string& path)
{
    const auto slash = path.find_last_of('/');
    if (slash == std::string::npos) return ".";
    return slash == 0 ? "/" : path.substr(0, slash);
}

}  // namespace

std::string chunk_name(std::size_t index)
{
    auto digits = std::to_string(index);
    if (digits.size() < 5) digits.insert(0, 5 - digits.size(), '0');
    return "chunk-" + digits;
}

Result<void> SnapshotFolder::make()
{
    if (const auto made = disk_.make_folder(folder_); !made) return made;
    const auto above = parent_of(folder_);
    if (const auto done = disk_.sync_folder(above); !done) return done;
    return disk_.sync_folder(parent_of(above));
}

Result<Bytes> SnapshotFolder::read(const std::string& name, std::size_t limit) const
{
    const auto path = folder_ + "/" + name;
    const auto file = disk_.open(path, OpenMode::existing);
    if (!file) return file.error();
    const auto size = (*file)->size();
    if (!size) return size.error();
    if (*size > limit) return Error{ErrorKind::full, path + " is too long"};
    auto bytes = (*file)->read(0, static_cast<std::size_t>(*size));
    if (bytes && bytes->size() != *size) return Error{ErrorKind::io, path + " changed meanwhile"};
    return bytes;
}

Result<void> SnapshotFolder::put(const std::string& name, ByteView bytes)
{
    const auto path = folder_ + "/" + name;
    const auto unfinished = path + ".new";
    {
        const auto file = disk_.open(unfinished, OpenMode::fresh);
        if (!file) return file.error();
        if (const auto done = (*file)->write(0, bytes); !done) return done;
        if (const auto done = (*file)->sync(); !done) return done;
    }
    if (const auto done = disk_.rename(unfinished, path); !done) return done;
    return disk_.sync_folder(folder_);
}

Result<SnapshotManifest> SnapshotFolder::manifest() const
{
    const auto bytes = read(manifest_name, SnapshotLimits::manifest_bytes);
    if (!bytes) return bytes.error();
    return decode_manifest(*bytes);
}

Result<Bytes> SnapshotFolder::chunk(std::size_t index) const
{
    return read(chunk_name(index), SnapshotLimits::chunk_bytes);
}

Result<std::vector<bool>> SnapshotFolder::chunks_present(std::size_t count) const
{
    const auto names = disk_.list(folder_);
    if (!names) return names.error();
    std::vector<bool> present(count);
    for (std::size_t i = 0; i < count; ++i)
        present[i] = std::ranges::binary_search(*names, chunk_name(i));
    return present;
}

Result<std::vector<consensus::EpochProof>> SnapshotFolder::seals() const
{
    const auto bytes = read(seals_name, seals_bytes);
    if (!bytes && bytes.error().kind == ErrorKind::not_found)
        return std::vector<consensus::EpochProof>{};
    if (!bytes) return bytes.error();
    return codec::decode<std::vector<consensus::EpochProof>>(*bytes);
}

Result<void> SnapshotFolder::put_manifest(const SnapshotManifest& manifest)
{
    return put(manifest_name, encode_manifest(manifest));
}

Result<void> SnapshotFolder::put_chunk(std::size_t index, ByteView bytes)
{
    return put(chunk_name(index), bytes);
}

Result<void> SnapshotFolder::put_seals(const std::vector<consensus::EpochProof>& seals)
{
    return put(seals_name, codec::encode(seals));
}

Result<void> SnapshotFolder::remove_chunk(std::size_t index)
{
    if (const auto done = disk_.remove(folder_ + "/" + chunk_name(index)); !done) return done;
    return disk_.sync_folder(folder_);
}

Result<void> SnapshotFolder::clear()
{
    const auto names = disk_.list(folder_);
    if (!names) return names.error();
    if (std::ranges::binary_search(*names, manifest_name)) {
        const auto removed = disk_.remove(folder_ + "/" + manifest_name);
        if (!removed) return removed;
        if (const auto done = disk_.sync_folder(folder_); !done) return done;
    }
    for (const auto& name : *names) {
        if (name == manifest_name) continue;
        if (const auto done = disk_.remove(folder_ + "/" + name); !done) return done;
    }
    return disk_.sync_folder(folder_);
}

}  // namespace ledger
