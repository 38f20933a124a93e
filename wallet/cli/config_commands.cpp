#include "wallet/cli/commands.hpp"

#include <iostream>

namespace wallet::cli {
namespace {

/// "new import list" for the completion of a command.
std::string names_under(const CLI::App& app)
{
    std::string names;
    for (const auto* sub : app.get_subcommands([](const CLI::App*) { return true; }))
        names += (names.empty() ? "" : " ") + sub->get_name();
    return names;
}

std::string options_of(const CLI::App& app)
{
    std::string names;
    for (const auto* option : app.get_options())
        for (const auto& name : option->get_lnames())
            names += (names.empty() ? "--" : " --") + name;
    return names;
}

void print_bash(const CLI::App& root)
{
    std::cout << "# Completion of millrace for bash: eval \"$(millrace completion bash)\"\n"
                 "_millrace()\n{\n"
                 "    local word=${COMP_WORDS[COMP_CWORD]} group= i\n"
                 "    for ((i = 1; i < COMP_CWORD; ++i)); do\n"
                 "        case ${COMP_WORDS[i]} in\n";
    for (const auto* group : root.get_subcommands([](const CLI::App*) { return true; }))
        std::cout << "            " << group->get_name() << ") group=" << group->get_name()
                  << "; break ;;\n";
    std::cout << "        esac\n    done\n"
                 "    case $group in\n";
    for (const auto* group : root.get_subcommands([](const CLI::App*) { return true; })) {
        auto words = names_under(*group) + " " + options_of(*group);
        for (const auto* sub : group->get_subcommands([](const CLI::App*) { return true; }))
            words += " " + options_of(*sub);
        std::cout << "        " << group->get_name() << ") COMPREPLY=($(compgen -W '" << words
                  << "' -- \"$word\")) ;;\n";
    }
    std::cout
        << "        *) COMPREPLY=($(compgen -W '" << names_under(root) << " " << options_of(root)
        << "' -- \"$word\")) ;;\n"
           "    esac\n"
           "    if [[ ${#COMPREPLY[@]} -eq 0 ]]; then COMPREPLY=($(compgen -f -- \"$word\")); fi\n"
           "}\ncomplete -F _millrace millrace\n";
}

void print_fish(const CLI::App& root)
{
    std::cout << "# Completion of millrace for fish: millrace completion fish | source\n";
    for (const auto* group : root.get_subcommands([](const CLI::App*) { return true; })) {
        std::cout << "complete -c millrace -n __fish_use_subcommand -a " << group->get_name()
                  << " -d '" << group->get_description() << "'\n";
        for (const auto* sub : group->get_subcommands([](const CLI::App*) { return true; }))
            std::cout << "complete -c millrace -n '__fish_seen_subcommand_from "
                      << group->get_name() << "' -a " << sub->get_name() << "\n";
        for (const auto* option : group->get_options())
            for (const auto& name : option->get_lnames())
                std::cout << "complete -c millrace -n '__fish_seen_subcommand_from "
                          << group->get_name() << "' -l " << name << "\n";
    }
    for (const auto* option : root.get_options())
        for (const auto& name : option->get_lnames())
            std::cout << "complete -c millrace -l " << name << "\n";
}

void show(const Session& session)
{
    const auto& s = session.settings;
    const json document{{"node", s.node},
                        {"authorities", s.authorities},
                        {"home", session.home().string()},
                        {"account", s.account},
                        {"genesis", s.genesis},
                        {"fee", s.fee},
                        {"lane", s.lane},
                        {"wait", s.wait},
                        {"validFor", s.valid_for},
                        {"passphraseFile", s.passphrase_file},
                        {"configFile", (session.home() / "config.toml").string()}};
    session.show(document, [&] {
        for (const auto& [name, value] : document.items())
            std::cout << name << " = " << value.dump() << "\n";
    });
}

}  // namespace

void add_config_commands(CLI::App& app, Session& session)
{
    auto* config = app.add_subcommand("config", "The settings in force");
    config->require_subcommand(1);
    config->add_subcommand("show", "From defaults, file, environment and command line")
        ->callback([&session] { show(session); });

    auto* completion = app.add_subcommand("completion", "Print shell completion");
    completion->footer("Example: eval \"$(millrace completion bash)\"");
    completion->require_subcommand(1);
    completion->add_subcommand("bash", "for bash")->callback([&app] { print_bash(app); });
    completion->add_subcommand("zsh", "for zsh")->callback([&app] {
        std::cout << "autoload -Uz bashcompinit && bashcompinit\n";
        print_bash(app);
    });
    completion->add_subcommand("fish", "for fish")->callback([&app] { print_fish(app); });
}

}  // namespace wallet::cli
