#include "ledger/base/hex.hpp"
#include "ledger/crypto/address.hpp"
#include "wallet/cli/commands.hpp"
#include "wallet/cli/terminal.hpp"
#include "wallet/keys/private_files.hpp"

#include <iostream>
#include <memory>

namespace wallet::cli {
namespace {

json key_json(const KeyEntry& entry)
{
    return {{"name", entry.name},
            {"address", ledger::to_checksum(entry.address)},
            {"file", entry.file.string()}};
}

void show_key(const Session& session, const KeyEntry& entry)
{
    session.show(key_json(entry), [&] {
        std::cout << "name     " << entry.name << "\naddress  "
                  << ledger::to_checksum(entry.address) << "\nfile     " << entry.file.string()
                  << "\n";
    });
}

void make_new(const Session& session, const std::string& name, std::size_t words, bool hide)
{
    const auto store = session.keys();
    const auto& secret = session.passphrase("New passphrase for " + name, true);
    const auto made =
        must(store.create(name, ledger::as_text(secret.view()), session.random(), words));
    auto document = key_json(made.entry);
    if (!hide) document["words"] = std::string{made.words.text()};
    session.show(document, [&] {
        std::cout << "name     " << made.entry.name << "\naddress  "
                  << ledger::to_checksum(made.entry.address) << "\nfile     "
                  << made.entry.file.string() << "\n";
        if (!hide)
            std::cout << "\n"
                      << made.words.text() << "\n\n"
                      << "Write these words down: they are shown this once, and whoever has them "
                         "has the key.\n";
    });
}

enum class Kind { words, hex, keystore };

void import(const Session& session, const std::string& name, Kind kind, const std::string& file,
            const std::string& old_passphrase_file, std::uint32_t index)
{
    const auto store = session.keys();
    ledger::SecretBytes given;
    if (file.empty()) {
        if (kind == Kind::keystore) fail(Fault::usage, "--keystore wants --file FILE");
        given = ask_secret(kind == Kind::words ? "Words" : "Key in hex", false);
    } else {
        auto text = read_input(file, 64 * 1024);
        given = ledger::SecretBytes::copy_of(text);
        ledger::wipe(text);
    }
    const auto text = ledger::as_text(given.view());
    if (kind == Kind::keystore) {
        const auto old = old_passphrase_file.empty() ? ask_secret("Passphrase of " + file, false)
                                                     : passphrase_from_file(old_passphrase_file);
        const auto& secret = session.passphrase("New passphrase for " + name, true);
        show_key(session,
                 must(store.import_file(name, text, ledger::as_text(old.view()),
                                        ledger::as_text(secret.view()), session.random())));
        return;
    }
    const auto& secret = session.passphrase("New passphrase for " + name, true);
    const auto passphrase = ledger::as_text(secret.view());
    if (kind == Kind::words) {
        const auto words = must(parse_mnemonic(text));
        show_key(session,
                 must(store.import_words(name, words, "", index, passphrase, session.random())));
    } else {
        const auto key = must(parse_secret_key(text));
        show_key(session, must(store.import_key(name, key, passphrase, session.random())));
    }
}

void list_keys(const Session& session)
{
    const auto listing = must(session.keys().list());
    json document{{"keys", json::array()}, {"unreadable", listing.unreadable}};
    for (const auto& entry : listing.keys) document["keys"].push_back(key_json(entry));
    session.show(document, [&] {
        for (const auto& entry : listing.keys)
            std::cout << ledger::to_checksum(entry.address) << "  " << entry.name << "\n";
        if (listing.keys.empty()) session.note("no key yet; make one: millrace key new NAME");
        for (const auto& problem : listing.unreadable) session.note(problem);
    });
}

void export_key(const Session& session, const std::string& name, const std::string& out, bool hex)
{
    const auto entry = must(session.keys().find(name));
    if (!hex) {
        const auto text = must(read_private_file(entry.file, largest_keystore_file));
        if (out.empty()) {
            std::cout << text << "\n";
            return;
        }
        must(write_new_private_file(out, text));
        session.show({{"file", out}}, [&] { std::cout << "written to " << out << "\n"; });
        return;
    }
    session.confirm("This shows the secret key of " + name + ", unprotected. Go on?");
    const auto key = session.unlock(entry);
    auto text = ledger::to_hex0x(key.view());
    const ledger::SecretBytes line = ledger::SecretBytes::copy_of(ledger::as_bytes(text));
    ledger::wipe({reinterpret_cast<std::uint8_t*>(text.data()), text.size()});
    const auto secret = ledger::as_text(line.view());
    if (out.empty()) {
        // Written piece by piece: a JSON document in memory would be a copy that nobody wipes.
        if (session.settings.json)
            std::cout << "{\"key\": \"" << secret << "\"}\n";
        else
            std::cout << secret << "\n";
        return;
    }
    must(write_new_private_file(out, std::string{secret} + "\n"));
    session.show({{"file", out}}, [&] { std::cout << "written to " << out << "\n"; });
}

}  // namespace

void add_key_commands(CLI::App& app, Session& session)
{
    auto* group = app.add_subcommand("key", "Make, import and show keys");
    group->require_subcommand(1);

    struct Options {
        std::string name, file, old_passphrase_file, out;
        std::size_t words = 12;
        std::uint32_t index = 0;
        bool hide = false, from_words = false, from_hex = false, from_keystore = false, hex = false;
    };
    auto options = std::make_shared<Options>();

    auto* make = group->add_subcommand("new", "Make a key from new words, shown once");
    make->footer("Example: millrace key new alice");
    make->add_option("NAME", options->name, "1 to 64 of a-z 0-9 . _ -")->required();
    make->add_option("--words", options->words, "how many")
        ->check(CLI::IsMember({12, 15, 18, 21, 24}));
    make->add_flag("--no-words", options->hide, "do not show the words: the file is the only copy");
    make->add_flag("--light", session.settings.light,
                   "encrypt quickly and weakly: for tests and demos only");
    make->callback(
        [=, &session] { make_new(session, options->name, options->words, options->hide); });

    auto* take = group->add_subcommand("import", "Import words, a hex key or a keystore file");
    take->footer(
        "The secret is asked for, or read from --file; never from the command line.\n"
        "Example: millrace key import bob --keystore --file UTC--2026.json");
    take->add_option("NAME", options->name)->required();
    auto* kind = take->add_option_group("kind");
    kind->add_flag("--words", options->from_words, "BIP-39 words, at m/44'/60'/0'/0/INDEX");
    kind->add_flag("--hex", options->from_hex, "64 hex digits");
    kind->add_flag("--keystore", options->from_keystore, "a Web3 Secret Storage v3 file");
    kind->require_option(1);
    take->add_option("--file", options->file, "where the secret is; - for stdin");
    take->add_option("--old-passphrase-file", options->old_passphrase_file,
                     "of the keystore file, when it is not to be asked for");
    take->add_option("--index", options->index, "of the words' accounts, from 0");
    take->add_flag("--light", session.settings.light, "as for new");
    take->callback([=, &session] {
        import(session, options->name,
               options->from_words ? Kind::words
               : options->from_hex ? Kind::hex
                                   : Kind::keystore,
               options->file, options->old_passphrase_file, options->index);
    });

    group->add_subcommand("list", "Every key of this wallet")->callback([&session] {
        list_keys(session);
    });

    auto* show = group->add_subcommand("show", "A key's name, address and file");
    show->add_option("NAME", options->name, "or address")->required();
    show->callback([=, &session] { show_key(session, must(session.keys().find(options->name))); });

    auto* out = group->add_subcommand("export", "Print a key's keystore file, or the bare key");
    out->footer(
        "Stock Ethereum wallets open the file.\nExample: millrace key export alice --out "
        "alice.json");
    out->add_option("NAME", options->name, "or address")->required();
    out->add_option("--out", options->out, "write to a new file instead");
    out->add_flag("--hex", options->hex, "the secret key itself, in hex; asks first");
    out->callback(
        [=, &session] { export_key(session, options->name, options->out, options->hex); });
}

}  // namespace wallet::cli
