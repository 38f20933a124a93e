#include "node/blobs/card_store.hpp"

#include "ledger/base/hex.hpp"
#include "ledger/crypto/hash.hpp"

#include <algorithm>

namespace node {
namespace {

using namespace ledger;

Bytes key_of(const Hash& hash)
{
    return {hash.bytes.begin(), hash.bytes.end()};
}

}  // namespace

Result<void> CardStore::rebuild()
{
    const std::lock_guard lock{mutex_};
    sizes_.clear();
    total_ = 0;
    bool good = true;
    const auto done = journal_.scan({table, {}}, [&](ByteView key, ByteView value) {
        good = key.size() == Hash::size;
        if (!good) return false;
        sizes_[Hash::of(key)] = value.size();
        total_ += value.size();
        return true;
    });
    if (!done) return done;
    if (!good) return Error{ErrorKind::corrupt, "a card is stored under no hash"};
    return {};
}

bool CardStore::take_room(const Hash& hash, std::uint64_t bytes, bool& known)
{
    const std::lock_guard lock{mutex_};
    known = sizes_.contains(hash);
    if (known) return true;
    if (bytes > limits_.total_bytes - std::min(total_, limits_.total_bytes)) return false;
    sizes_[hash] = bytes;
    total_ += bytes;
    return true;
}

void CardStore::give_back(const Hash& hash)
{
    const std::lock_guard lock{mutex_};
    const auto found = sizes_.find(hash);
    if (found == sizes_.end()) return;
    total_ -= found->second;
    sizes_.erase(found);
}

void CardStore::put(Bytes card, std::function<void(Result<void>)> done)
{
    if (card.empty() || card.size() > CardLimits::card_bytes)
        return done(Error{ErrorKind::invalid, "a card is 1 to 65536 bytes"});
    const auto hash = sha256(card);
    bool known = false;
    if (!take_room(hash, card.size(), known))
        return done(Error{ErrorKind::full, "there is no room for more cards"});
    // A second copy may overtake the first, which is not durable yet: it is written once more.
    if (known) {
        const auto there = get(hash);
        if (!there) return done(there.error());
        if (*there) return done({});
    }
    JournalBatch batch;
    batch.push_back({std::string{table}, key_of(hash), std::move(card)});
    journal_.commit(std::move(batch), [this, hash, known, done](Result<void> written) {
        if (!written && !known) give_back(hash);
        done(std::move(written));
    });
}

Result<std::optional<Bytes>> CardStore::get(const Hash& hash) const
{
    auto found = journal_.get(table, hash.view());
    if (found && *found && sha256(**found) != hash)
        return Error{ErrorKind::corrupt, "a stored card is not what its hash says"};
    return found;
}

Result<void> check_cards(const PaymentJournal& journal)
{
    std::optional<Error> wrong;
    const auto read = journal.scan({CardStore::table, {}}, [&](ByteView key, ByteView card) {
        if (std::ranges::equal(key, sha256(card).view())) return true;
        wrong =
            Error{ErrorKind::corrupt, "card " + to_hex0x(key) + ": it is not what its hash says"};
        return false;
    });
    if (!read) return read;
    if (wrong) return *wrong;
    return {};
}

}  // namespace node
