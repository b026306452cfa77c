//! English words that say nothing by themselves.

use std::collections::HashSet;
use std::sync::LazyLock;

const STOP: &str = "a about above after again against all also although always am among an and another any anyone anything are \
around as at away back be became because become been before being below between both but by came can cannot come could did do \
does doing done down during each either else enough even ever every everyone everything far few first for from further get gets \
give given go goes going gone got had has have having he hence her here hers herself him himself his how however i if in indeed \
instead into is it its itself just keep kept last least less let like likely made make makes many may maybe me might mine more \
most much must my myself near never next no nobody none nor not nothing now nowhere of off often on once one only onto or other \
others our ours out over own per perhaps put quite rather really said same say says see seem seemed seems several shall she \
should since so some somehow someone something sometimes somewhere still such take taken than that the their theirs them \
themselves then there therefore these they thing things this those though through throughout thus to together too toward \
towards two under unless until up upon us use used uses using usually very via was way we well went were what whatever when \
whenever where whereas wherever whether which while who whoever whole whom whose why will with within without would yes yet you \
your yours yourself new old good great big small many lot today yesterday tomorrow three four five";

static SET: LazyLock<HashSet<&str>> = LazyLock::new(|| STOP.split_whitespace().collect());

/// Whether a word in lower case is one of them.
pub(super) fn is_stop_word(word: &str) -> bool {
    SET.contains(word)
}
