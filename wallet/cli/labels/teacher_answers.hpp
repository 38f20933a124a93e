#pragma once

#include "ledger/base/amount.hpp"
#include "ledger/disk/disk.hpp"
#include "wallet/cli/session.hpp"

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace wallet::cli {

/// What teachers were asked, and what they said of items, in a file to which each line is added,
/// and synced, before anything else is done: what was answered once is not asked again, and what
/// may have been paid counts. One JSON document a line. One thread, and one process: who opens it
/// holds a lock on its folder.
class TeacherAnswers {
public:
    struct Answer {
        std::vector<double> probabilities;  ///< of each class; none where it said nothing of use
        std::string source;                 ///< "NAME/VERSION"
        ledger::Amount charged;
    };

    /// Reads what is there; a last line that was cut short is dropped. `failed` names a line that
    /// is damaged, `usage` one of another number of classes. Throws.
    TeacherAnswers(ledger::Disk& disk, const std::string& file, std::size_t classes);

    const Answer* find(const ledger::Hash& item, const std::string& teacher) const;
    /// A teacher is about to be asked, which costs nothing yet. Throws where the disk refuses.
    void begin(const ledger::Hash& item, const std::string& teacher);
    /// A payment of at most so much is about to be sent for what was begun: it counts until there
    /// is an answer, and for good where there is none. Throws as begin().
    void pay(const ledger::Hash& item, const std::string& teacher, ledger::Amount most);
    /// How often it was asked without an answer.
    unsigned tries(const ledger::Hash& item, const std::string& teacher) const;
    /// Its answer, which costs what it says in place of what `pay` said. Throws as begin().
    void add(const ledger::Hash& item, const std::string& teacher, Answer answer);
    /// It is not asked on: an answer of no use, which costs what may have been paid last.
    void give_up(const ledger::Hash& item, const std::string& teacher, const std::string& source);
    /// What was paid, or may have been.
    ledger::Amount charged() const { return charged_; }

private:
    using Key = std::pair<ledger::Hash, std::string>;
    struct Begun {
        unsigned tries = 0;
        ledger::Amount last;  ///< what may have been paid in the last try
    };
    void read();
    void take(std::string_view line, std::size_t number);
    void write(const json& line);
    void count_begun(const Key& key);
    /// False where the sum would be beyond all money, or nothing was begun.
    bool count_payment(const Key& key, ledger::Amount most);
    bool count_answer(Key key, Answer answer);

    std::size_t classes_;
    std::unique_ptr<ledger::File> file_;
    std::uint64_t end_ = 0;  ///< of the last whole line
    std::map<Key, Answer> answers_;
    std::map<Key, Begun> begun_;
    ledger::Amount charged_;
};

}  // namespace wallet::cli
