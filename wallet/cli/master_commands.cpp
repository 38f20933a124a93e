#include "ledger/base/hex.hpp"
#include "wallet/cli/commands.hpp"
#include "wallet/cli/terminal.hpp"
#include "wallet/keys/private_files.hpp"
#include "wallet/keys/recovery_shares.hpp"

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

constexpr std::size_t share_file_bytes = 4 * 1024;

/// Words that bring the key back, each good for nothing alone: to files of their own, or shown.
void split(const Session& session, const std::string& name, std::size_t threshold,
           std::size_t count, const std::string& folder)
{
    if (threshold > count)
        fail(Fault::usage, "--threshold is at most --shares: else nothing brings the key back");
    const auto masters = session.masters();
    const auto entry = must(masters.find(name));
    const auto& passphrase = session.passphrase("Passphrase of master key " + name, false);
    const auto secret = must(masters.secret(name, ledger::as_text(passphrase.view())));
    const auto shares = make_recovery_shares(secret.view(), threshold, count, "", session.random());
    json document{{"name", entry.name},
                  {"publicKey", ledger::to_hex0x(entry.key.view())},
                  {"threshold", threshold},
                  {"shares", json::array()}};
    if (!folder.empty()) must(make_private_folder(folder));
    for (std::size_t i = 0; i < shares.size(); ++i) {
        const auto text = ledger::as_text(shares[i].view());
        if (folder.empty()) {
            document["shares"].push_back(text);
            continue;
        }
        const auto file =
            std::filesystem::path{folder} / (entry.name + "-" + std::to_string(i + 1) + ".share");
        must(write_new_private_file(file, text));
        document["shares"].push_back(file.string());
    }
    session.show(document, [&] {
        for (std::size_t i = 0; i < shares.size(); ++i)
            std::cout << "share " << i + 1 << "\n  " << document["shares"][i].get<std::string>()
                      << "\n";
        std::cout << "\nGive each to another keeper. Any " << threshold
                  << " bring the key back (millrace master recover); fewer tell nothing.\n";
    });
}

/// Adds every share that a text has, one a line.
void take_shares(std::string_view text, const std::string& from, std::vector<ShareMnemonic>& shares)
{
    while (!text.empty()) {
        const auto line = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(text.size(), line.size() + 1));
        if (line.find_first_not_of(" \t\r") == std::string_view::npos) continue;
        auto share = parse_share(line);
        if (!share) fail(Fault::usage, from + ": " + share.error().detail);
        shares.push_back(std::move(*share));
        if (shares.size() > 256) fail(Fault::usage, "these are too many shares");
    }
}

/// Asks for one share after another until there are enough.
void ask_for_shares(const Session& session, std::vector<ShareMnemonic>& shares)
{
    for (auto state = must(recovery_state(shares)); !state.enough;
         state = must(recovery_state(shares))) {
        if (!shares.empty()) session.note("at least " + std::to_string(state.needed) + " more");
        const auto asked = "Share " + std::to_string(shares.size() + 1);
        const auto typed = ask_secret(asked, false);
        take_shares(ledger::as_text(typed.view()), asked, shares);
    }
}

void recover(const Session& session, const std::string& name, const std::vector<std::string>& files)
{
    const auto masters = session.masters();
    std::vector<ShareMnemonic> shares;
    for (const auto& file : files) {
        auto text = read_input(file, share_file_bytes);
        take_shares(ledger::as_text(text), file, shares);
        ledger::wipe(text);
    }
    if (files.empty()) ask_for_shares(session, shares);
    const auto secret = must(recover_secret(shares, ""));
    const auto& passphrase = session.passphrase("New passphrase for master key " + name, true);
    show_master(session,
                must(masters.import_secret(name, secret.view(), ledger::as_text(passphrase.view()),
                                           session.random())));
}

void list_masters(const Session& session)
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
        std::string name, file, folder;
        std::vector<std::string> files;
        std::size_t words = 12, threshold = 2, shares = 3;
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

    auto* cut = group->add_subcommand("split", "Split a master key among keepers (SLIP-0039)");
    cut->footer(
        "Each share is a line of words. So many as --threshold says bring the key back, here or\n"
        "in any program that knows SLIP-0039; fewer tell nothing. Splitting again makes shares\n"
        "that do not go with these.\n"
        "Example: millrace master split farm --threshold 2 --shares 3");
    cut->add_option("NAME", options->name)->required();
    cut->add_option("--threshold,-t", options->threshold, "shares that are needed")
        ->check(CLI::Range(2, 16))
        ->capture_default_str();
    cut->add_option("--shares,-n", options->shares, "shares that are made")
        ->check(CLI::Range(2, 16))
        ->capture_default_str();
    cut->add_option("--out", options->folder,
                    "write each to a file of its own here, and show none");
    cut->callback([=, &session] {
        split(session, options->name, options->threshold, options->shares, options->folder);
    });

    auto* join = group->add_subcommand("recover", "Bring a master key back from its shares");
    join->footer(
        "The shares are asked for one after another, or read from files; never from the command\n"
        "line.\n"
        "Example: millrace master recover farm --file farm-1.share --file farm-3.share");
    join->add_option("NAME", options->name)->required();
    join->add_option("--file", options->files, "a file with a share on each line; - for stdin");
    join->add_flag("--light", session.settings.light, "as for new");
    join->callback([=, &session] { recover(session, options->name, options->files); });

    group->add_subcommand("list", "Every master key of this wallet")->callback([&session] {
        list_masters(session);
    });
    auto* show = group->add_subcommand("show", "A master key's name and public key");
    show->add_option("NAME", options->name)->required();
    show->callback(
        [=, &session] { show_master(session, must(session.masters().find(options->name))); });
}

}  // namespace wallet::cli
