#include "wallet/sealed/batch_folder.hpp"

#include "ledger/crypto/hash.hpp"
#include "wallet/keys/new_file.hpp"

#include <algorithm>
#include <system_error>

namespace wallet {
namespace {

namespace fs = std::filesystem;
using ledger::Bytes;
using ledger::Error;
using ledger::ErrorKind;
using ledger::Result;
using ledger::sealing::LeafTable;

Error in_file(const fs::path& file, const Error& error)
{
    return {error.kind, file.string() + ": " + error.detail};
}

Result<Bytes> read_whole(const fs::path& file, std::uint64_t most)
{
    std::error_code problem;
    const auto size = fs::file_size(file, problem);
    if (problem)
        return Error{
            problem == std::errc::no_such_file_or_directory ? ErrorKind::not_found : ErrorKind::io,
            file.string() + ": " + problem.message()};
    if (size > most)
        return ledger::invalid(file.string() + " has more than " + std::to_string(most) + " bytes");
    Bytes bytes(size);
    std::ifstream stream{file, std::ios::binary};
    if (!stream.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(size)))
        return file_error("cannot read", file);
    return bytes;
}

}  // namespace

Result<BatchFolder> BatchFolder::open(const fs::path& folder)
{
    const auto about = folder / "batch.json";
    const auto text = read_whole(about, manifest_bytes);
    if (!text) return text.error();
    auto manifest = parse_manifest(ledger::as_text(*text));
    if (!manifest) return in_file(about, manifest.error());

    const auto table = folder / "batch.leaves";
    auto encoded = read_whole(table, manifest->chunks * LeafTable::entry_bytes);
    if (!encoded) return encoded.error();
    auto leaves = LeafTable::check(std::move(*encoded), manifest->summary());
    if (!leaves) return in_file(table, leaves.error());

    const auto sealed = folder / "batch.sealed";
    std::error_code problem;
    const auto size = fs::file_size(sealed, problem);
    if (problem) return Error{ErrorKind::not_found, sealed.string() + ": " + problem.message()};
    if (size != manifest->bytes)
        return ledger::invalid(sealed.string() + " has " + std::to_string(size) + " bytes of " +
                               std::to_string(manifest->bytes));
    std::ifstream stream{sealed, std::ios::binary};
    if (!stream) return file_error("cannot open", sealed);
    return BatchFolder{std::move(*manifest), std::move(*leaves), std::move(stream)};
}

Result<Bytes> BatchFolder::read(std::uint64_t index)
{
    Bytes chunk(ledger::sealing::sealed_size(manifest_.summary(), index));
    sealed_.seekg(static_cast<std::streamoff>(index * ledger::sealing::sealed_chunk_bytes));
    if (!sealed_.read(reinterpret_cast<char*>(chunk.data()),
                      static_cast<std::streamsize>(chunk.size())))
        return Error{ErrorKind::io, "chunk " + std::to_string(index) + " cannot be read"};
    return chunk;
}

Result<void> BatchFolder::verify(const std::function<void(std::uint64_t)>& progress)
{
    std::uint64_t done = 0;
    for (std::uint64_t i = 0; i < manifest_.chunks; ++i) {
        const auto chunk = read(i);
        if (!chunk) return chunk.error();
        if (ledger::sha256(*chunk) != leaves_.at(i).chunk_hash)
            return ledger::invalid("chunk " + std::to_string(i) +
                                   " is not the one that the batch commits to");
        done += chunk->size();
        progress(done);
    }
    return {};
}

Result<ledger::SecretKey> BatchFolder::unwrap(const ledger::X25519Key& master) const
{
    const auto mine =
        std::ranges::find(manifest_.wraps, ledger::x25519_public_key(master), &MasterWrap::to);
    if (mine == manifest_.wraps.end())
        return Error{ErrorKind::denied, "the batch was not sealed to this master key"};
    return ledger::sealing::unwrap(mine->key, manifest_.dataset, master);
}

}  // namespace wallet
