#include "ledger/codec/json.hpp"
#include "ledger/snapshot/restore.hpp"
#include "ledger/snapshot/shelf.hpp"
#include "ledger/store/store_nodes.hpp"
#include "node/app/command_support.hpp"
#include "node/app/offline_ledger.hpp"
#include "node/core/snapshots.hpp"
#include "node/env/files.hpp"

#include <charconv>
#include <iostream>

namespace node {
namespace {

using namespace ledger;
using nlohmann::json;

/// Of a node that is off: as many as a running one keeps by default.
constexpr std::size_t kept_on_shelf = 2;

json manifest_json(const SnapshotManifest& manifest, const std::string& folder)
{
    const auto& content = manifest.content;
    return {{"folder", folder},
            {"id", codec::to_json(snapshot_id(content))},
            {"height", content.height.value},
            {"block", codec::to_json(content.block)},
            {"epoch", manifest.finality.path.front().epoch},
            {"stateRoot", codec::to_json(content.state_root)},
            {"chunks", content.ends.size()},
            {"entries", content.entries},
            {"bytes", content.bytes}};
}

void tell(const CommandOptions& options, const char* verb, const SnapshotManifest& manifest,
          const std::string& folder, json more = json::object())
{
    auto document = manifest_json(manifest, folder);
    document.update(more);
    if (options.json) {
        std::cout << document.dump() << "\n";
        return;
    }
    const auto& content = manifest.content;
    std::cout << verb << " snapshot of block " << content.height.value << ": "
              << content.ends.size() << " chunks, " << content.entries << " entries; " << folder
              << "\n";
}

/// Where the command's snapshot lies: a folder, a height on the shelf, or the newest there.
Result<SnapshotFolder> find_snapshot(const CommandOptions& options, Disk& disk)
{
    const SnapshotShelf shelf{disk, Home{options.home}.snapshots()};
    const auto& name = options.snapshot;
    Height height;
    const auto read = std::from_chars(name.data(), name.data() + name.size(), height.value);
    const bool is_height =
        !name.empty() && read.ec == std::errc{} && read.ptr == name.data() + name.size();
    if (!name.empty() && !is_height) return SnapshotFolder{disk, name};
    const auto there = shelf.list();
    if (!there) return there.error();
    if (!is_height && there->empty())
        return Error{ErrorKind::not_found, "this home has no snapshots"};
    return shelf.at(is_height ? height : there->front());
}

/// A damaged snapshot is damaged data to whoever runs a command, not a wrong question.
Error damaged(const SnapshotFolder& folder, const Error& error)
{
    const bool is_damage = error.kind == ErrorKind::invalid || error.kind == ErrorKind::full;
    return {is_damage ? ErrorKind::corrupt : error.kind, folder.path() + ": " + error.detail};
}

struct ProvenSnapshot {
    SnapshotManifest manifest;
    std::vector<consensus::EpochProof> seals;
};

/// Manifest and seals, proven from the home's genesis document on.
Result<ProvenSnapshot> read_proven(const market::Network& network, const SnapshotFolder& folder)
{
    auto manifest = folder.manifest();
    if (!manifest) return damaged(folder, manifest.error());
    auto seals = folder.seals();
    if (!seals) return damaged(folder, seals.error());
    if (const auto good = check_snapshot(network, *manifest, *seals, consensus::SchnorrVerifier{});
        !good)
        return damaged(folder, good.error());
    return ProvenSnapshot{std::move(*manifest), std::move(*seals)};
}

Result<Bytes> read_chunk(const SnapshotFolder& folder, std::size_t index)
{
    auto bytes = folder.chunk(index);
    if (bytes || bytes.error().kind != ErrorKind::not_found) return bytes;
    return Error{ErrorKind::corrupt, folder.path() + ": " + chunk_name(index) + " is missing"};
}

Result<std::pair<SnapshotManifest, std::string>> create(const CommandOptions& options)
{
    PosixDisk disk;
    SystemRandom random;
    const Home home{options.home};
    auto opened = open_offline(home, disk, random);
    if (!opened) return opened.error();
    auto& ledger = **opened;
    // The tree that chunks are proven by is that of a checkpoint.
    const auto written = [&]() -> Result<std::pair<SnapshotManifest, std::string>> {
        if (const auto done = ledger.chain->checkpoint(); !done) return done.error();
        const auto state = ledger.store->snapshot();
        if (!state) return state.error();
        auto facts = snapshot_facts(*ledger.store, *ledger.store->tip());
        if (!facts) return facts.error();
        const StoreNodes nodes{*ledger.store};
        const SnapshotSource source{**state, nodes, std::move(facts->finality),
                                    std::move(facts->history), std::move(facts->seals)};
        if (options.out.empty()) {
            SnapshotShelf shelf{disk, home.snapshots()};
            auto manifest = shelf.write(source, kept_on_shelf);
            if (!manifest) return manifest.error();
            auto path = shelf.at(manifest->content.height).path();
            return std::pair{std::move(*manifest), std::move(path)};
        }
        std::error_code error;
        if (std::filesystem::exists(options.out, error) &&
            !std::filesystem::is_empty(options.out, error))
            return Error{ErrorKind::invalid, options.out + " is not an empty folder"};
        SnapshotFolder folder{disk, options.out};
        auto manifest = write_snapshot(folder, source);
        if (!manifest) return manifest.error();
        return std::pair{std::move(*manifest), options.out};
    }();
    close(ledger);
    return written;
}

/// Chunks are copied into the home, each checked, and become its store.
Result<std::pair<SnapshotManifest, std::string>> restore(const CommandOptions& options)
{
    PosixDisk disk;
    const Home home{options.home};
    const auto network = read_network(home);
    if (!network) return network.error();
    const auto validator = read_validator_key(home);
    if (!validator) return validator.error();
    if (const auto made = make_private_directory(home.data()); !made) return made.error();
    const auto lock = FolderLock::take(home.data());
    if (!lock) return lock.error();
    const RestorePlace place{home.data()};
    std::error_code error;
    if (std::filesystem::exists(place.store(), error))
        return Error{ErrorKind::invalid, options.home + " has a ledger already"};

    const SnapshotFolder folder{disk, options.snapshot};
    auto proven = read_proven(**network, folder);
    if (!proven) return proven.error();
    if (const auto made = disk.make_folder(place.staging().string()); !made) return made.error();
    auto chunks = SnapshotCollection::open(disk, place.chunks().string(), proven->manifest);
    if (!chunks) return chunks.error();
    const auto count = proven->manifest.content.ends.size();
    for (std::size_t index = 0; index < count; ++index) {
        if (chunks->present()[index]) continue;
        const auto bytes = read_chunk(folder, index);
        if (!bytes) return bytes.error();
        if (const auto done = chunks->add(index, *bytes); !done)
            return damaged(folder, done.error());
    }
    const auto genesis = genesis_block(**network);
    if (!genesis) return genesis.error();
    std::optional<ConsensusKey> key;
    if (*validator) key = consensus_key(**validator);
    std::string silent;
    const auto done =
        finish_restore(disk, place, *chunks, *genesis, {}, [&](BlockStore& store) -> Result<void> {
            auto why = complete_restored(**network, store, proven->manifest, proven->seals, key);
            if (!why) return why.error();
            silent = std::move(*why);
            return {};
        });
    if (!done) return done.error();
    if (!silent.empty()) std::cerr << "millraced: this node will not vote: " << silent << "\n";
    return std::pair{std::move(proven->manifest), std::move(silent)};
}

}  // namespace

int snapshot_create_command(const CommandOptions& options)
{
    const auto made = create(options);
    if (!made) return fail(made.error());
    tell(options, "wrote", made->first, made->second);
    return 0;
}

int snapshot_list_command(const CommandOptions& options)
{
    PosixDisk disk;
    const SnapshotShelf shelf{disk, Home{options.home}.snapshots()};
    const auto heights = shelf.list();
    if (!heights) return fail(heights.error());
    auto documents = json::array();
    for (const auto height : *heights) {
        const auto folder = shelf.at(height);
        const auto manifest = folder.manifest();
        if (!manifest) {
            std::cerr << "millraced: " << folder.path() << ": " << manifest.error().detail << "\n";
        } else if (options.json) {
            documents.push_back(manifest_json(*manifest, folder.path()));
        } else {
            tell(options, "a", *manifest, folder.path());
        }
    }
    if (options.json) std::cout << documents.dump() << "\n";
    return 0;
}

int snapshot_verify_command(const CommandOptions& options)
{
    PosixDisk disk;
    const auto network = read_network(Home{options.home});
    if (!network) return fail(network.error());
    const auto folder = find_snapshot(options, disk);
    if (!folder) return fail(folder.error());
    const auto proven = read_proven(**network, *folder);
    if (!proven) return fail(proven.error());
    const auto& content = proven->manifest.content;
    std::uint64_t entries = 0;
    for (std::size_t index = 0; index < content.ends.size(); ++index) {
        const auto bytes = read_chunk(*folder, index);
        if (!bytes) return fail(damaged(*folder, bytes.error()));
        const auto checked = check_chunk(content, index, *bytes);
        if (!checked) return fail(damaged(*folder, checked.error()));
        entries += checked->entries.size();
    }
    tell(options, "verified", proven->manifest, folder->path(),
         {{"verified", true}, {"entries", entries}});
    return 0;
}

int snapshot_restore_command(const CommandOptions& options)
{
    const auto made = restore(options);
    if (!made) return fail(made.error());
    tell(options, "restored", made->first, Home{options.home}.data() / "store",
         {{"silenced", made->second}});
    return 0;
}

}  // namespace node
