#include "training/checkpoint/checkpoint.hpp"

#include "ledger/crypto/sha256.hpp"
#include "training/checkpoint/header.hpp"

#include <ATen/ATen.h>

#include <array>
#include <cstring>
#include <functional>

namespace training {
namespace {

using namespace checkpoint_file;
using ledger::ByteView;
using ledger::Result;

using Sink = std::function<Result<void>(ByteView)>;

std::array<std::uint8_t, length_bytes> length_of(std::uint64_t size)
{
    std::array<std::uint8_t, length_bytes> bytes{};
    for (std::size_t i = 0; i < bytes.size(); ++i)
        bytes[i] = static_cast<std::uint8_t>(size >> (8 * i));
    return bytes;
}

std::uint64_t length_from(ByteView bytes)
{
    std::uint64_t size = 0;
    for (std::size_t i = 0; i < length_bytes; ++i) size |= std::uint64_t{bytes[i]} << (8 * i);
    return size;
}

/// Gives `sink` the file piece by piece: no second copy of all tensors is made.
Result<ledger::Hash> emit(const Checkpoint& checkpoint, const Sink& sink)
{
    ledger::Sha256 hasher;
    const auto give = [&](ByteView piece) {
        hasher.update(piece);
        return sink(piece);
    };
    const auto header = header_text(checkpoint);
    if (auto done = give(ledger::as_bytes(mark)); !done) return done.error();
    if (auto done = give(length_of(header.size())); !done) return done.error();
    if (auto done = give(ledger::as_bytes(header)); !done) return done.error();
    for (const auto& each : checkpoint.tensors) {
        const auto numbers = each.tensor.detach().contiguous();
        if (auto done = give(bytes_of(numbers)); !done) return done.error();
    }
    const auto hash = hasher.finish();
    if (auto done = sink(hash.view()); !done) return done.error();
    return hash;
}

ledger::Error damaged(const std::string& why)
{
    return {ledger::ErrorKind::corrupt, "the checkpoint " + why};
}

at::Tensor tensor_from(const TensorPlace& place, ByteView bytes)
{
    auto tensor = at::empty(place.dims, place.type);
    if (!bytes.empty()) std::memcpy(tensor.data_ptr(), bytes.data(), bytes.size());
    return tensor;
}

}  // namespace

ledger::Hash commitment_to(const Checkpoint& checkpoint)
{
    return *emit(checkpoint, [](ByteView) { return Result<void>{}; });
}

Result<ledger::Hash> write_checkpoint(ledger::Disk& disk, const std::string& path,
                                      const Checkpoint& checkpoint)
{
    const auto beside = path + ".part";
    auto file = disk.open(beside, ledger::OpenMode::fresh);
    if (!file) return file.error();
    std::uint64_t at = 0;
    const auto hash = emit(checkpoint, [&](ByteView piece) {
        const auto place = at;
        at += piece.size();
        return (*file)->write(place, piece);
    });
    if (!hash) return hash.error();
    if (auto done = (*file)->sync(); !done) return done.error();
    file->reset();
    if (auto done = disk.rename(beside, path); !done) return done.error();
    const auto slash = path.rfind('/');
    const auto folder = slash == std::string::npos ? "." : path.substr(0, slash + 1);
    if (auto done = disk.sync_folder(folder); !done) return done.error();
    return hash;
}

Result<Checkpoint> decode_checkpoint(ByteView file, const CheckpointLimits& limits)
{
    constexpr auto least = mark_bytes + length_bytes + hash_bytes;
    if (file.size() < least || ledger::as_text(file.first(mark_bytes)) != mark)
        return damaged("is none: it does not begin as one");
    if (file.size() > limits.bytes)
        return ledger::Error{ledger::ErrorKind::full, "the checkpoint is larger than we take"};
    const auto body = file.first(file.size() - hash_bytes);
    const auto header_bytes = length_from(file.subspan(mark_bytes));
    if (header_bytes > limits.header_bytes ||
        header_bytes > body.size() - mark_bytes - length_bytes)
        return damaged("is cut off in its header");
    const auto hash = ledger::sha256(body);
    if (std::memcmp(hash.view().data(), file.last(hash_bytes).data(), hash_bytes) != 0)
        return damaged("is damaged: its hash is another");
    const auto rest = body.subspan(mark_bytes + length_bytes + header_bytes);
    auto header = read_header(body.subspan(mark_bytes + length_bytes, header_bytes), limits);
    if (!header) return header.error();
    if (header->tensor_bytes != rest.size())
        return damaged("has not as many bytes as its header says");
    auto checkpoint = std::move(header->checkpoint);
    std::size_t at = 0;
    for (auto& place : header->tensors) {
        checkpoint.tensors.push_back(
            {std::move(place.name), tensor_from(place, rest.subspan(at, place.bytes))});
        at += place.bytes;
    }
    return checkpoint;
}

Result<Checkpoint> read_checkpoint(ledger::Disk& disk, const std::string& path,
                                   const CheckpointLimits& limits)
{
    const auto file = disk.open(path, ledger::OpenMode::existing);
    if (!file) return file.error();
    const auto size = (*file)->size();
    if (!size) return size.error();
    if (*size > limits.bytes)
        return ledger::Error{ledger::ErrorKind::full, "the checkpoint is larger than we take"};
    const auto bytes = (*file)->read(0, *size);
    if (!bytes) return bytes.error();
    return decode_checkpoint(*bytes, limits);
}

}  // namespace training
