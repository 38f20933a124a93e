#pragma once

#include "ledger/crypto/random.hpp"
#include "ledger/crypto/secp256k1.hpp"
#include "market/message.hpp"
#include "market/state/state.hpp"
#include "wallet/client/checkpoint_file.hpp"
#include "wallet/client/failure.hpp"
#include "wallet/client/known_network.hpp"
#include "wallet/client/ledger_client.hpp"
#include "wallet/client/proofs.hpp"
#include "wallet/keys/key_store.hpp"
#include "wallet/keys/master_keys.hpp"

#include <nlohmann/json.hpp>

#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace wallet::cli {

using nlohmann::json;

/// A value, or the failure thrown to main, which turns it into a line and an exit status.
template <class T>
T must(Outcome<T> outcome)
{
    if (!outcome) throw Failure{outcome.error()};
    if constexpr (!std::is_void_v<T>) return std::move(*outcome);
}
template <class T>
T must(ledger::Result<T> result)
{
    if (!result) throw failure_of(result.error());
    if constexpr (!std::is_void_v<T>) return std::move(*result);
}
[[noreturn]] void fail(Fault fault, std::string message);

/// The options that every command takes.
struct Settings {
    std::string node = "http://127.0.0.1:8700";
    std::string authorities;
    std::string home;
    std::string account;
    bool json = false;
    bool yes = false;
    std::string offline;
    std::string genesis;
    std::string passphrase_file;
    int passphrase_fd = -1;
    std::string fee;
    std::optional<std::uint64_t> nonce;
    std::uint32_t lane = 0;
    std::uint64_t valid_for = 0;
    unsigned wait = 30;
    bool light = false;
    bool old_checkpoint = false;
};

/// What to do about a checkpoint older than the unbonding time.
enum class Stale { refuse, warn };

/// Whether the node is shown a message before it is signed, to say what it would do. Not where the
/// message gives away by itself what it is paid for.
enum class Rehearsal { yes, no };

/// What commands share: settings, the node, the keys, and the way out. Results go to stdout,
/// everything meant for a person to stderr.
class Session {
public:
    Settings settings;

    // --- results
    /// With --json prints `document`, else calls `print`.
    void show(const json& document, const std::function<void()>& print) const;
    void note(const std::string& line) const;
    /// Asks on the terminal unless --yes; throws when the answer is no or there is nobody to ask.
    void confirm(const std::string& question) const;

    // --- keys
    std::filesystem::path home() const;
    KeyStore keys() const;
    MasterKeys masters() const;
    /// The account of --account, or the only one there is.
    KeyEntry account() const;
    /// An address, or the name of a key in the store.
    ledger::Address address_of(const std::string& name_or_address) const;
    bool has_key(const ledger::Address&) const;
    ledger::SecretKey unlock(const KeyEntry&) const;
    ledger::X25519Key unlock_master(const std::string& name) const;
    /// Asked for once for each `what` and kept for the process; twice when `twice`. One that comes
    /// from a file or descriptor is for all.
    const ledger::SecretBytes& passphrase(const std::string& what, bool twice) const;
    ledger::Random& random() const;

    // --- the node
    const LedgerClient& client() const;
    /// Of --genesis, or the node's; the node's id is pinned in the home when first seen.
    SharedNetwork network() const;
    /// A record of the state, proven to be in it, or proven to be absent.
    template <class Record>
    std::optional<Record> record(const typename Record::Key& key) const
    {
        const auto proven = must(proofs(Stale::warn).state(market::state_key<Record>(key)));
        keep_checkpoint();
        if (!proven.value) return {};
        return must(ledger::codec::decode<Record>(*proven.value));
    }

    // --- what nobody is believed
    CheckpointFile checkpoint_file() const;
    /// The one in the home, or the genesis.
    KeptCheckpoint kept_checkpoint() const;
    /// Checks what the node says from the kept checkpoint on.
    ProofClient& proofs(Stale = Stale::refuse) const;
    /// Writes down how far that came; after a check that held.
    void keep_checkpoint() const;

    // --- transactions
    /// Signs and sends `message`: simulates it first, waits until it is final, prints. With
    /// --offline it is written to the file instead and nothing is asked of a node.
    void transact(const market::Message& message, const std::string& what);
    /// The same without printing, online only; throws when a rule refuses it.
    SentTransaction send(const market::Message& message, const KeyEntry& sender,
                         const ledger::SecretKey& key, Rehearsal = Rehearsal::yes) const;
    SentTransaction submit(ledger::ByteView encoded) const;

private:
    ledger::Bytes signed_transaction(const market::Network&, const market::Message&,
                                     const ledger::SecretKey&, ledger::Nonce, ledger::TxId*) const;
    ledger::Amount fee(const market::Network&, const market::Message&) const;
    void pin(const market::Network&) const;

    mutable std::optional<LedgerClient> client_;
    mutable SharedNetwork network_;
    mutable std::optional<KeptCheckpoint> kept_;
    mutable std::optional<ProofClient> proofs_;
    mutable bool is_warned_ = false;
    mutable std::map<std::string, ledger::SecretBytes> passphrases_;
};

/// {"txId","status","height","receipt"}.
json to_json(const SentTransaction&);
/// What a rejection means and what to do about it.
std::string in_words(market::Rejection);
/// Throws `refused` when the receipt says so.
void check_applied(const SentTransaction&);

/// {"height","blockId","stateRoot","epoch","timeMs","signatures"} of what a proof leads to.
json proof_json(const ledger::light::FinalBlock&);
/// The same for people.
std::string proof_text(const ledger::light::FinalBlock&);
std::string time_text(ledger::TimeMs);
/// By this machine's clock.
ledger::TimeMs now_ms();

ledger::Amount amount_of(const std::string& tokens, const char* what);
std::string tokens(ledger::Amount);
/// Reads a file, or stdin for "-"; throws.
ledger::Bytes read_input(const std::string& path, std::size_t most);
/// Writes a file that anybody may read; throws.
void write_output(const std::string& path, std::string_view text);

}  // namespace wallet::cli
