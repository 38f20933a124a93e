#include "wallet/cli/session.hpp"

#include "ledger/base/hex.hpp"
#include "ledger/codec/json.hpp"
#include "ledger/crypto/address.hpp"
#include "market/execute.hpp"
#include "wallet/amount_text.hpp"
#include "wallet/cli/terminal.hpp"
#include "wallet/client/channel_folder.hpp"
#include "wallet/keys/private_files.hpp"

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <sstream>

namespace wallet::cli {

namespace codec = ledger::codec;
using ledger::Amount;

namespace {

KeystoreCost keystore_cost(const Settings& settings)
{
    if (settings.light) return ledger::ScryptCost{4096, 8, 1};
    return ledger::ScryptCost{};
}

}  // namespace

void fail(Fault fault, std::string message)
{
    throw Failure{fault, std::move(message)};
}

void Session::show(const json& document, const std::function<void()>& print) const
{
    if (settings.json)
        std::cout << document.dump(2, ' ', false, json::error_handler_t::replace) << "\n";
    else
        print();
    std::cout.flush();
    if (!std::cout) fail(Fault::failed, "cannot write to stdout");
}

void Session::note(const std::string& line) const
{
    std::cerr << line << std::endl;
}

void Session::confirm(const std::string& question) const
{
    if (settings.yes) return;
    if (!ask_yes(question)) fail(Fault::usage, "not done: answer yes, or give --yes");
}

std::filesystem::path Session::home() const
{
    if (!settings.home.empty()) return settings.home;
    const char* user = std::getenv("HOME");
    if (user == nullptr || *user == 0) fail(Fault::usage, "no HOME is set; give --home DIR");
    return std::filesystem::path{user} / ".millrace";
}

KeyStore Session::keys() const
{
    must(make_private_folder(home()));
    return must(KeyStore::open(home() / "keys", keystore_cost(settings)));
}

MasterKeys Session::masters() const
{
    must(make_private_folder(home()));
    return must(MasterKeys::open(home() / "masters", keystore_cost(settings)));
}

KeyEntry Session::account() const
{
    const auto store = keys();
    if (!settings.account.empty()) return must(store.find(settings.account));
    const auto listing = must(store.list());
    if (listing.keys.size() == 1) return listing.keys.front();
    if (listing.keys.empty())
        fail(Fault::not_found, "there is no key yet; make one: millrace key new NAME");
    fail(Fault::usage, "there are several keys: say which with --account NAME");
}

ledger::Address Session::address_of(const std::string& name) const
{
    if (name.starts_with("0x")) {
        const auto address = ledger::parse_address(name);
        if (!address) fail(Fault::usage, name + " is no address, or its EIP-55 checksum is wrong");
        return *address;
    }
    return must(keys().find(name)).address;
}

bool Session::has_key(const ledger::Address& address) const
{
    return static_cast<bool>(keys().find(ledger::to_checksum(address)));
}

ledger::SecretKey Session::unlock(const KeyEntry& entry) const
{
    const auto& secret = passphrase("Passphrase of " + entry.name, false);
    auto key = keys().unlock(entry.name, ledger::as_text(secret.view()));
    if (!key && key.error().kind == ledger::ErrorKind::denied)
        fail(Fault::denied, "cannot open the key " + entry.name + ": " + key.error().detail);
    return must(std::move(key));
}

ledger::X25519Key Session::unlock_master(const std::string& name) const
{
    const auto& secret = passphrase("Passphrase of master key " + name, false);
    return must(masters().unlock(name, ledger::as_text(secret.view())));
}

const ledger::SecretBytes& Session::passphrase(const std::string& what, bool twice) const
{
    const bool is_asked = settings.passphrase_file.empty() && settings.passphrase_fd < 0;
    const auto name = is_asked ? what : std::string{};
    if (const auto known = passphrases_.find(name); known != passphrases_.end())
        return known->second;
    auto given = is_asked ? ask_secret(what, twice)
                 : !settings.passphrase_file.empty()
                     ? passphrase_from_file(settings.passphrase_file)
                     : passphrase_from_descriptor(settings.passphrase_fd);
    return passphrases_.emplace(name, std::move(given)).first->second;
}

ledger::Random& Session::random() const
{
    static ledger::SystemRandom random;
    return random;
}

const LedgerClient& Session::client() const
{
    if (!client_)
        client_.emplace(
            HttpClient{must(parse_url(settings.node)), HttpBounds{}, {settings.authorities}});
    return *client_;
}

SharedNetwork Session::network() const
{
    if (network_) return network_;
    if (!settings.genesis.empty()) {
        const auto document = read_input(settings.genesis, 16 << 20);
        network_ = must(network_of(ledger::as_text(document)));
        return network_;
    }
    if (!settings.offline.empty())
        fail(Fault::usage, "--offline needs --genesis FILE: what is signed names the network");
    auto network = must(client().network());
    pin(*network);
    network_ = std::move(network);
    return network_;
}

// Trust on first use: the same address speaking for another network later is worth a stop.
void Session::pin(const market::Network& network) const
{
    must(make_private_folder(home()));
    const auto file = home() / "known_nodes.json";
    const auto id = ledger::to_hex0x(network.genesis_id.view());
    const auto url = client().http().url().origin();
    json known = json::object();
    if (const auto text = read_private_file(file, 1 << 20)) {
        auto parsed = codec::parse_json(*text);
        if (!parsed || !parsed->is_object()) fail(Fault::failed, file.string() + " is damaged");
        known = std::move(*parsed);
    } else if (text.error().kind != ledger::ErrorKind::not_found) {
        throw failure_of(text.error());
    }
    if (known.contains(url)) {
        if (known[url] == id) return;
        fail(Fault::unverified, url + " speaks for another network than before (" + id +
                                    "); if that is meant, remove its line in " + file.string());
    }
    known[url] = id;
    must(replace_private_file(file, known.dump(2) + "\n"));
}

Amount Session::fee(const market::Network& network, const market::Message& message) const
{
    if (!settings.fee.empty()) return amount_of(settings.fee, "--fee");
    // Credit takes no fees.
    return network.mints() ? market::least_fee(network, message) : Amount{};
}

ledger::Bytes Session::signed_transaction(const market::Network& network,
                                          const market::Message& message,
                                          const ledger::SecretKey& key, ledger::Nonce nonce,
                                          ledger::TxId* id) const
{
    std::uint64_t valid_until = 0;
    if (settings.valid_for != 0) {
        const auto now = std::chrono::system_clock::now().time_since_epoch();
        valid_until =
            settings.valid_for + static_cast<std::uint64_t>(
                                     std::chrono::duration_cast<std::chrono::seconds>(now).count());
    }
    auto envelope = market::make_transaction(ledger::address_of(key), {settings.lane}, nonce,
                                             fee(network, message), valid_until, message);
    *id = market::transaction_id(network.transactions, envelope, message);
    envelope.signature = ledger::sign(key, ledger::retag<ledger::Hash>(*id));
    return ledger::encode_transaction(envelope);
}

SentTransaction Session::submit(ledger::ByteView encoded) const
{
    auto sent = must(client().submit(encoded, settings.wait));
    if (settings.wait != 0 && !sent.height)
        throw Failure{Fault::timeout,
                      "accepted but not final within " + std::to_string(settings.wait) +
                          " s; look again: millrace tx wait " + ledger::to_hex0x(sent.id.view()),
                      to_json(sent)};
    check_applied(sent);
    return sent;
}

SentTransaction Session::send(const market::Message& message, const KeyEntry& sender,
                              const ledger::SecretKey& key, Rehearsal rehearsal) const
{
    if (!settings.offline.empty()) fail(Fault::usage, "this command needs a node: no --offline");
    const auto net = network();
    if (rehearsal == Rehearsal::yes) {
        const auto simulated = must(client().simulate(sender.address, message));
        if (simulated.rejection != market::Rejection::none)
            throw Failure{Fault::refused,
                          "not sent: " + in_words(simulated.rejection),
                          {{"rejection", codec::to_json(simulated.rejection)}, {"sent", false}}};
    }
    const auto nonce = settings.nonce
                           ? ledger::Nonce{*settings.nonce}
                           : must(client().account(sender.address, {settings.lane})).nonce;
    ledger::TxId id;
    return submit(signed_transaction(*net, message, key, nonce, &id));
}

void Session::transact(const market::Message& message, const std::string& what)
{
    const auto sender = account();
    if (!settings.offline.empty()) {
        if (!settings.nonce)
            fail(Fault::usage,
                 "--offline needs --nonce N: the next one of the account, see balance");
        const auto net = network();
        const auto key = unlock(sender);
        ledger::TxId id;
        const auto encoded = signed_transaction(*net, message, key, {*settings.nonce}, &id);
        const json document{{"txId", ledger::to_hex0x(id.view())},
                            {"network", ledger::to_hex0x(net->genesis_id.view())},
                            {"sender", ledger::to_checksum(sender.address)},
                            {"lane", settings.lane},
                            {"nonce", *settings.nonce},
                            {"fee", codec::to_json(fee(*net, message))},
                            {"message", market::message_json(message)},
                            {"tx", ledger::to_hex0x(encoded)}};
        write_output(settings.offline, document.dump(2) + "\n");
        show(document, [&] {
            std::cout << "signed, not sent; once it is: " << what << "\n"
                      << "id     " << ledger::to_hex0x(id.view()) << "\n"
                      << "file   " << settings.offline << " (send it: millrace tx submit)\n";
        });
        return;
    }
    network();  // first, so that an unreachable node is told before a passphrase is asked for
    const auto key = unlock(sender);
    const auto sent = send(message, sender, key);
    show(to_json(sent), [&] {
        std::cout << what << "\n";
        std::cout << "id     " << ledger::to_hex0x(sent.id.view()) << "\n";
        if (sent.height) std::cout << "block  " << sent.height->value << "\n";
        if (sent.receipt) std::cout << "fee    " << tokens(sent.receipt->fee) << "\n";
    });
}

json to_json(const SentTransaction& sent)
{
    json document{{"txId", ledger::to_hex0x(sent.id.view())},
                  {"status", sent.height ? "final" : "accepted"}};
    if (sent.height) {
        document["height"] = sent.height->value;
        document["index"] = sent.index;
    }
    if (sent.receipt) document["receipt"] = codec::to_json(*sent.receipt);
    return document;
}

void check_applied(const SentTransaction& sent)
{
    if (!sent.receipt || sent.receipt->status == market::Status::applied) return;
    throw Failure{Fault::refused,
                  "in block " + std::to_string(sent.height->value) +
                      " but refused: " + in_words(sent.receipt->rejection),
                  to_json(sent)};
}

Amount amount_of(const std::string& text, const char* what)
{
    const auto amount = parse_tokens(text);
    if (!amount)
        fail(Fault::usage, std::string{what} + ": " + text +
                               " is no amount; write tokens like 1.5, with at most 6 places");
    return *amount;
}

std::string tokens(Amount amount)
{
    return to_tokens(amount);
}

ledger::Bytes read_input(const std::string& path, std::size_t most)
{
    std::ifstream file;
    if (path != "-") {
        file.open(path, std::ios::binary);
        if (!file) fail(Fault::not_found, "cannot open " + path);
    }
    std::istream& in = path == "-" ? std::cin : file;
    ledger::Bytes bytes;
    char block[64 * 1024];
    while (in.read(block, sizeof block), in.gcount() > 0) {
        bytes.insert(bytes.end(), block, block + in.gcount());
        if (bytes.size() > most) fail(Fault::usage, path + " is larger than we take");
    }
    if (in.bad()) fail(Fault::failed, "cannot read " + path);
    return bytes;
}

void write_output(const std::string& path, std::string_view text)
{
    std::ofstream file{path, std::ios::binary};
    file << text;
    file.close();
    if (!file) fail(Fault::failed, "cannot write " + path);
}

}  // namespace wallet::cli
