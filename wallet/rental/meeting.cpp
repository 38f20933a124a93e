#include "wallet/rental/meeting.hpp"

#include "ledger/crypto/sha256.hpp"
#include "ledger/sealing/batch_key.hpp"

namespace wallet::rental {
namespace {

/// Of one party: it can have its notes forgotten by saying more, nobody else's.
constexpr std::size_t most_kept = 256;
constexpr std::size_t most_parties = 256;
/// Pages of the board that are read at once, and notes of them that nobody here knows.
constexpr int most_pages = 64;
constexpr std::size_t most_others = 1'024;

constexpr unsigned waits = 5;
constexpr std::chrono::seconds longest_wait{1};

template <class T>
void keep(std::vector<T>& all, T one)
{
    if (all.size() == most_kept) all.erase(all.begin());
    all.push_back(std::move(one));
}

ledger::Hash hash_of(const BatchManifest& manifest)
{
    return ledger::sha256(ledger::as_bytes(manifest_text(manifest)));
}

}  // namespace

Meeting::Meeting(Board board, HttpTrust trust, ledger::X25519Key box)
    : board_{std::move(board)},
      node_{board_.url(), std::move(trust)},
      box_{std::move(box)},
      box_point_{ledger::x25519_public_key(box_)}
{
    node_.be_patient(waits, longest_wait);
}

Outcome<std::vector<Heard>> Meeting::listen()
{
    std::vector<Heard> others;
    for (int page = 0; page < most_pages; ++page) {
        auto heard = board_.hear(0);
        if (!heard) return heard;
        if (heard->empty()) break;
        for (auto& one : *heard) {
            if (!parties_.contains(one.from) && parties_.size() == most_parties) continue;
            auto& party = parties_[one.from];
            if (const auto key = one.as<KeyNote>()) {
                party.key = key->key;
            } else if (const auto batch = one.as<BatchNote>()) {
                keep(party.batches, *batch);
            } else if (auto keys = one.as<KeysNote>()) {
                if (keys->to != box_point_ || keys->keys.size() > most_batches) continue;
                for (auto& each : keys->keys) keep(party.given, std::move(each));
            } else if (others.size() < most_others) {
                others.push_back(std::move(one));
            }
        }
    }
    return others;
}

std::optional<ledger::X25519PublicKey> Meeting::key_of(const ledger::Address& party) const
{
    const auto found = parties_.find(party);
    return found == parties_.end() ? std::nullopt : found->second.key;
}

std::vector<BatchNote> Meeting::batches(BatchUse use, const ledger::Address& by) const
{
    const auto found = parties_.find(by);
    if (found == parties_.end()) return {};
    const bool is_for_all = use == BatchUse::job || use == BatchUse::data;
    std::map<std::uint64_t, BatchNote> newest;
    for (const auto& note : found->second.batches)
        if (note.use == use && (is_for_all || note.to == box_point_))
            newest.insert_or_assign(note.number, note);
    std::vector<BatchNote> all;
    for (auto& [number, note] : newest) all.push_back(note);
    return all;
}

std::vector<WrappedKey> Meeting::given(const ledger::Hash& root) const
{
    std::vector<WrappedKey> all;
    for (const auto& [party, said] : parties_)
        for (const auto& key : said.given)
            if (key.root == root) all.push_back(key);
    return all;
}

Outcome<void> Meeting::bring(BatchFolder& batch, BatchUse use, std::uint64_t number,
                             const ledger::X25519PublicKey& to, const BeginTelling& begin)
{
    const auto& manifest = batch.manifest();
    const BatchNote note{manifest.root, hash_of(manifest), manifest.bytes, use, number, to};
    if (auto said = board_.say(note, Board::Lasts::always); !said) return said;
    const auto tell = begin("sending", manifest.bytes);
    const auto sent = node_.put(batch, *tell);
    if (!sent) return sent.error();
    return {};
}

Outcome<BatchFolder> Meeting::fetch(const BatchNote& announced, const std::filesystem::path& folder,
                                    std::uint64_t most_bytes, const BeginTelling& begin)
{
    const Failure other{Fault::unverified, "batch " + ledger::to_hex0x(announced.root.view()) +
                                               " is another than was announced"};
    std::error_code ignored;
    if (!std::filesystem::exists(folder, ignored)) {
        const auto manifest = node_.manifest(announced.root);
        if (!manifest) return manifest.error();
        if (hash_of(*manifest) != announced.manifest) return other;
        if (manifest->bytes > most_bytes)
            return Failure{Fault::refused,
                           "a batch of " + std::to_string(manifest->bytes) +
                               " bytes is more than is taken: " + std::to_string(most_bytes)};
        const auto fetched = fetch_batch({node_}, *manifest, folder, 0, begin);
        if (!fetched) return fetched.error();
    }
    auto batch = BatchFolder::open(folder);
    if (!batch) return failure_of(batch.error());
    if (batch->manifest().root != announced.root) return other;
    return std::move(*batch);
}

Outcome<void> Meeting::give(
    const ledger::X25519PublicKey& to,
    const std::vector<std::pair<BatchManifest, const ledger::SecretKey*>>& keys,
    ledger::Random& random)
{
    // Wrapped once: a board that is told again must not be told ever more.
    if (const auto known = gave_.find(to); known != gave_.end())
        return board_.say(known->second, Board::Lasts::always);
    KeysNote note{to, {}};
    for (const auto& [manifest, key] : keys) {
        auto wrapped = ledger::sealing::wrap(*key, manifest.dataset, to, random);
        if (!wrapped) return failure_of(wrapped.error());
        note.keys.push_back({manifest.root, std::move(*wrapped)});
    }
    gave_.emplace(to, note);
    return board_.say(note, Board::Lasts::always);
}

std::optional<ledger::SecretKey> Meeting::open(const BatchFolder& batch) const
{
    const auto& manifest = batch.manifest();
    if (auto key = batch.unwrap(box_)) return std::move(*key);
    for (const auto& one : given(manifest.root)) {
        auto key = ledger::sealing::unwrap(one.wrapped, manifest.dataset, box_);
        if (key && ledger::public_key(*key) == manifest.point) return std::move(*key);
    }
    return {};
}

}  // namespace wallet::rental
