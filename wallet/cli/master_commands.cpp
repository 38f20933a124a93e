#include "ledger/base/hex.hpp"
#include "wallet/cli/commands.hpp"
#include "wallet/cli/terminal.hpp"

#include <iostream>
#include <memory>

namespace wallet::cli {
namespace {

void show_master(const Session& session, const MasterEntry& entry, const std::string& words = {})
{
    const auto key = ledger::to_hex0x(entry.key.view());
    json document{{"name", entry.name}, {"publicKey", key}};
    if (!words.empty()) document["words"] = words;
    session.show(document, [&] {
        std::cout << "name        " << entry.name << "\npublic key  " << key << "\n";
        if (!words.empty())
            std::cout << "\n"
                      << words << "\n\n"
                      << "Write these words down: they are shown this once. Without them and "
                         "without the key file,\nwhat devices sealed to this key is lost for "
                         "good; whoever has them can read all of it.\n";
    });
}

void make_new(const Session& session, const std::string& name, std::size_t words)
{
    const auto store = session.masters();
    const auto& secret = session.passphrase("New passphrase for master key " + name, true);
    const auto made =
        must(store.create(name, ledger::as_text(secret.view()), session.random(), words));
    show_master(session, made.entry, std::string{made.words.text()});
}

void import(const Session& session, const std::string& name, const std::string& file)
{
    const auto store = session.masters();
    ledger::SecretBytes given;
    if (file.empty()) {
        given = ask_secret("Words", false);
    } else {
        auto text = read_input(file, 64 * 1024);
        given = ledger::SecretBytes::copy_of(text);
        ledger::wipe(text);
    }
    const auto words = must(parse_mnemonic(ledger::as_text(given.view())));
    const auto& secret = session.passphrase("New passphrase for master key " + name, true);
    show_master(session, must(store.import_words(name, words, ledger::as_text(secret.view()),
                                                 session.random())));
}

void list(const Session& session)
{
    const auto masters = must(session.masters().list());
    auto document = json::array();
    for (const auto& entry : masters)
        document.push_back(
            {{"name", entry.name}, {"publicKey", ledger::to_hex0x(entry.key.view())}});
    session.show({{"masters", document}}, [&] {
        for (const auto& entry : masters)
            std::cout << ledger::to_hex0x(entry.key.view()) << "  " << entry.name << "\n";
        if (masters.empty()) session.note("no master key yet; make one: millrace master new NAME");
    });
}

}  // namespace

void add_master_commands(CLI::App& app, Session& session)
{
    auto* group = app.add_subcommand("master", "Keys to which devices seal data; never in a node");
    group->require_subcommand(1);
    struct Options {
        std::string name, file;
        std::size_t words = 12;
    };
    auto options = std::make_shared<Options>();

    auto* make = group->add_subcommand("new", "Make a master key from new words, shown once");
    make->footer("Give devices the public key that it prints.\nExample: millrace master new farm");
    make->add_option("NAME", options->name, "1 to 64 of a-z 0-9 . _ -")->required();
    make->add_option("--words", options->words, "how many")
        ->check(CLI::IsMember({12, 15, 18, 21, 24}));
    make->add_flag("--light", session.settings.light,
                   "encrypt quickly and weakly: for tests and demos only");
    make->callback([=, &session] { make_new(session, options->name, options->words); });

    auto* take = group->add_subcommand("import", "Bring a master key back from its words");
    take->footer("The words are asked for, or read from --file; never from the command line.");
    take->add_option("NAME", options->name)->required();
    take->add_option("--file", options->file, "where the words are; - for stdin");
    take->add_flag("--light", session.settings.light, "as for new");
    take->callback([=, &session] { import(session, options->name, options->file); });

    group->add_subcommand("list", "Every master key of this wallet")->callback([&session] {
        list(session);
    });
    auto* show = group->add_subcommand("show", "A master key's name and public key");
    show->add_option("NAME", options->name)->required();
    show->callback(
        [=, &session] { show_master(session, must(session.masters().find(options->name))); });
}

}  // namespace wallet::cli
