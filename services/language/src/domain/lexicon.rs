//! Common words of languages, by which short texts are told apart.

use std::collections::HashMap;
use std::sync::LazyLock;

/// ISO 639-3 code, English name, common words in lower case.
type Entry = (&'static str, &'static str, &'static str);

#[rustfmt::skip]
const ENTRIES: &[Entry] = &[
    ("eng", "English", "the a an and of to in is are was were be been it he she they we you i my your his her our their this that these those with for on at by from not but have has had do does did will would can could should what where when why how who which there here if then than so very just about into over after some any all one two good morning hello thanks thank please yes no my name love today tomorrow yesterday where's don't it's i'm go going want like know people time day house water friend because between never always big small red dog cat jumps quick brown fox lazy world how's much many happy birthday children child every world book read write work school old new long right left home night week year"),
    ("spa", "Spanish", "el la los las un una unos unas y de del que en es son está están estoy estás era fue ser hay no sí con por para como pero más muy mi tu su sus nuestro este esta esto ese esa eso yo tú él ella ellos ellas nosotros usted ustedes me te se le lo nos qué dónde cuándo cómo quién cuál cuánto cuesta por favor gracias hola adiós buenos buenas días tardes noches amigo amiga señor señora hoy mañana ayer siempre nunca también donde cuando porque si ya todo todos tiene tengo tienes quiero quiere puedo puede vamos voy casa agua tiempo año bien hablo hablas gusta gato perro biblioteca mucho mucha al desde hasta sobre entre niño hermano comer tarde vida bella feliz cumpleaños niños libro trabajo escuela familia nuevo nueva noche semana mundo ciudad calle dinero coche juegan juega tiempo hijo hija madre padre"),
    ("fra", "French", "le la les un une des du de et est sont était être avoir ai as a avons avez ont suis es sommes êtes je tu il elle nous vous ils elles on ce cette ces cet mon ma mes ton ta tes son sa ses notre votre leur leurs que qui quoi où quand comment pourquoi combien quel quelle ne pas plus très bien avec pour dans sur par au aux en mais ou donc si bonjour bonsoir salut merci oui non aujourd'hui demain hier toujours jamais aussi tout tous toute fait faire va vais aller peux peut veux veut c'est j'ai d'un d'une l'eau n'est qu'il s'il plaît chat chien maison temps gare monde ami petit grand beaucoup chez entre parce joyeux anniversaire enfants enfant jardin t'aime aime vie livre travail école famille nouveau nouvelle nuit semaine ville rue argent voiture jouent père mère fille garçon jour heure"),
    ("deu", "German", "der die das den dem des ein eine einen einem einer eines und ist sind war waren sein haben hat hatte habe hast ich du er sie es wir ihr mich mir dich dir ihn ihm uns euch mein meine dein deine unser nicht kein keine mit für auf in im an am zu zum zur von vom bei nach aus um über unter vor durch gegen ohne was wo wann wie wer warum welche wohin woher wieviel dass weil wenn aber oder doch auch noch schon nur sehr gut guten morgen tag abend nacht hallo danke bitte ja nein heute gestern immer nie hier dort werden wird wurde kann können muss müssen will wollen möchte geht gehen machen bahnhof haus wasser zeit jahr katze hund straße viel viele kostet schläft spreche sprechen zwischen während alles geburtstag kinder kind spielen spielt liebe leben buch arbeit schule familie neu neue nacht woche welt stadt straße geld auto garten vater mutter freund"),
    ("ita", "Italian", "il lo la i gli le un uno una e è di del della dello dei degli delle a al alla ai alle da dal dalla in nel nella nei con su sul sulla per tra fra che chi cosa dove quando come perché quanto quale non più molto bene sono sei siamo siete era stato essere ho hai ha abbiamo avete hanno io tu lui lei noi voi loro mi ti ci vi si mio mia tuo tua suo sua nostro questo questa quello quella ma o se anche già ancora sempre mai oggi domani ieri ciao buongiorno buonasera grazie prego sì favore gatto cane casa acqua tempo anno amico mondo stazione vorrei posso può andare fare tutto tutti ogni dopo prima costa parla mangiare amo buon compleanno bambini bambino vita bella bello libro lavoro scuola famiglia nuovo nuova notte settimana città strada soldi macchina giardino giocano padre madre"),
    ("por", "Portuguese", "o a os as um uma uns umas e é de do da dos das em no na nos nas num numa com por para pelo pela que não sim mais muito bem mal eu tu ele ela nós vocês você eles elas me te se lhe meu minha teu tua seu sua nosso este esta isto esse essa isso aquele aquela são está estão estou foi era ser ter tem tenho temos têm há onde quando como porque quem qual quanto custa olá oi bom boa dia tarde noite obrigado obrigada favor hoje amanhã ontem sempre nunca também já ainda mas ou se gato cão casa água tempo ano amigo mundo estação quero quer posso pode vou vamos fazer tudo todos depois até entre muita coisa gosto falar comer feliz aniversário crianças criança jardim amo vida bela livro trabalho escola família novo nova semana cidade rua dinheiro carro brincam pai mãe filho"),
    ("nld", "Dutch", "de het een en van is zijn was waren ben bent heeft hebben heb had ik jij je u hij zij ze wij we jullie hun mij hem haar ons mijn jouw zijn dit dat deze die niet geen met voor op in aan te naar uit bij door over onder om als maar of ook nog al heel goed goede goedemorgen dag avond hallo dank bedankt alsjeblieft ja nee vandaag morgen gisteren altijd nooit hier daar waar wanneer hoe wie wat waarom welke hoeveel kost worden wordt kan kunnen moet moeten wil willen gaan gaat doen huis water tijd jaar kat hond vriend veel er want omdat zou toen alles iets kinderen kind spelen hou jou leven boek werk school familie nieuw nieuwe nacht week wereld stad straat geld tuin vader moeder"),
    ("swe", "Swedish", "och att det som en ett är var vara har hade jag du han hon vi ni de dem den mig dig honom henne oss min mitt din ditt sin sitt inte med för på av till från om men eller så också när vad vem var hur varför vilken mycket bra god morgon hej tack snälla ja nej idag imorgon igår alltid aldrig här där ska skall kan måste vill gå göra hus vatten tid år katt hund vän många efter eftersom ingen något bara heter kommer barnen barn leker älskar liv bok arbete skola familj ny natt vecka värld stad gata pengar bil trädgård far mor"),
    ("dan", "Danish", "og at det som en et er var være har havde jeg du han hun vi i de dem den mig dig ham hende os min mit din dit sin sit ikke med for på af til fra om men eller så også når hvad hvem hvor hvordan hvorfor hvilken meget godt god morgen hej tak ja nej i dag i morgen i går altid aldrig her der skal kan må vil gå gøre hus vand tid år kat hund ven mange efter fordi ingen noget kun hedder kommer"),
    ("nob", "Norwegian", "og å det som en et ei er var være har hadde jeg du han hun vi dere de dem den meg deg ham henne oss min mitt din ditt sin sitt ikke med for på av til fra om men eller så også når hva hvem hvor hvordan hvorfor hvilken mye bra god morgen hei takk ja nei i dag i morgen i går alltid aldri her der skal kan må vil gå gjøre hus vann tid år katt hund venn mange etter fordi ingen noe bare heter kommer"),
    ("fin", "Finnish", "ja on ei se että en et hän minä sinä me te he oli olla olen olet ovat mikä mitä missä milloin miten kuka miksi kuinka paljon hyvä hyvää huomenta päivää kiitos hei moi kyllä tänään huomenna eilen aina koskaan täällä tämä tuo joka mutta tai myös kun jos kuin niin vain minun sinun hänen talo vesi aika vuosi kissa koira ystävä voi voin haluan menen ole ovat"),
    ("pol", "Polish", "i w na z do jest są był była było być nie tak to że się ja ty on ona my wy oni mnie ciebie jego jej nas mój moja twój co gdzie kiedy jak kto dlaczego który ile kosztuje ale lub albo też już jeszcze tylko bardzo dobrze dobry dzień dobranoc cześć dziękuję proszę dziś dzisiaj jutro wczoraj zawsze nigdy tutaj tam może mogę chcę mam ma masz idę dom woda czas rok kot pies przyjaciel wszystko po dla od przez przed bez dzieci dziecko bawią życie książka praca szkoła rodzina nowy nowa noc tydzień świat miasto ulica pieniądze samochód ogród ojciec matka kocham"),
    ("ces", "Czech", "a v na z do je jsou byl byla bylo být ne ano to že se já ty on ona my vy oni mě tebe jeho její nás můj moje tvůj co kde kdy jak kdo proč který kolik stojí ale nebo také už ještě jen velmi dobře dobrý den ahoj děkuji prosím dnes zítra včera vždy nikdy tady tam může mohu chci mám máš jsem jsi jsme dům voda čas rok kočka pes přítel všechno po pro od přes před bez"),
    ("tur", "Turkish", "ve bir bu şu o ben sen biz siz onlar için ile de da mi mı mu mü ne nerede nasıl kim neden hangi kaç çok iyi var yok değil evet hayır merhaba günaydın teşekkürler teşekkür ederim lütfen bugün yarın dün her zaman asla ama veya gibi daha en kadar sonra önce olan olarak istiyorum gidiyorum ev su yıl kedi köpek arkadaş benim senin onun bizim güzel nedir çocuklar çocuk seviyorum seni hayat kitap iş okul aile yeni gece hafta dünya şehir para araba bahçe bahçede baba anne"),
    ("ind", "Indonesian", "yang dan di ke dari ini itu adalah tidak ada saya aku kamu anda dia kami kita mereka dengan untuk pada oleh akan sudah belum bisa dapat apa dimana mana kapan bagaimana siapa mengapa kenapa berapa sangat baik selamat pagi siang sore malam terima kasih tolong ya bukan hari besok kemarin selalu tetapi tapi atau juga karena jika rumah air waktu tahun kucing anjing teman orang ingin mau pergi makan minum lagi satu dua nama anak anak-anak cinta bermain hidup buku kerja sekolah keluarga baru malam minggu dunia kota jalan uang mobil taman ayah ibu"),
    ("ron", "Romanian", "și în la de pe cu este sunt era fi nu da că se eu tu el ea noi voi ei ele mă te îl mea meu tău sa său ce unde când cum cine care cât costă dar sau și mai foarte bine bună ziua dimineața seara salut mulțumesc vă rog azi mâine ieri mereu niciodată aici acolo pot vreau am ai are avem au casa apă timp an pisica câinele prieten toate pentru din după fără un o unei"),
    ("hun", "Hungarian", "a az és hogy nem is van volt vagyok vagy lesz lenni én te ő mi ti ők engem téged ez azt ezt mit hol mikor hogyan miért melyik mennyi mennyibe kerül de vagy már még csak nagyon jól jó napot reggelt szia köszönöm kérem igen ma holnap tegnap mindig soha itt ott lehet akarok megyek ház víz idő év macska kutya barát minden egy két után előtt nélkül ki"),
    ("vie", "Vietnamese", "là của và có không một các những được cho trong này đó với tôi bạn anh chị em ông bà chúng ta họ người gì đâu khi nào sao ai bao nhiêu rất tốt xin chào cảm ơn vâng hôm nay ngày mai qua đã đang sẽ cũng nhưng hoặc vì nếu nhà nước thời gian năm mèo chó đi ăn muốn thể ở đến từ"),
    ("cat", "Catalan", "el la els les un una i de del que en és són està estan no sí amb per com però més molt meu teu seu aquest aquesta això jo tu ell ella nosaltres vosaltres on quan qui quin quant costa gràcies hola adéu bon dia bona nit si us plau avui demà ahir sempre mai també perquè ja tot tots té tinc vull puc vaig casa aigua temps any gat gos amic als dels"),
    ("tgl", "Tagalog", "ang ng sa mga na ay at si ako ikaw siya kami tayo kayo sila ko mo niya namin natin nila ito iyan iyon hindi oo opo wala may mayroon ano saan kailan paano sino bakit alin ilan magkano magandang umaga hapon gabi salamat po kumusta ngayon bukas kahapon palagi pero dahil kung bahay tubig pusa aso kaibigan gusto kong mahal kita din rin lang"),
    ("swa", "Swahili", "na ya wa kwa ni la za katika hii hiyo huyo mimi wewe yeye sisi ninyi wao si ndiyo hapana nini wapi lini vipi nani gani ngapi sana habari asubuhi jambo asante tafadhali leo kesho jana daima lakini au pia kwa sababu kama nyumba maji wakati mwaka paka mbwa rafiki nataka ninapenda naenda yangu yako yake kuwa"),
    ("rus", "Russian", "и в не на я что он она они мы вы ты с как это а то все так его но да к у же за бы по её мне меня тебя нас вас мой моя твой ваш где когда кто почему какой сколько стоит есть был была было быть нет из от для до или если только очень хорошо доброе утро добрый день привет спасибо пожалуйста сегодня завтра вчера всегда никогда здесь там можно могу хочу дом вода время год кошка собака друг тоже уже ещё о об люблю дети ребёнок играют жизнь книга работа школа семья новый новая ночь неделя мир город улица деньги машина сад саду отец мать"),
    ("ukr", "Ukrainian", "і й в у не на я що він вона вони ми ви ти з як це а то все так його але та до же за б по її мені мене тебе нас вас мій моя твій ваш де коли хто чому який скільки коштує є був була було бути ні із від для або якщо тільки дуже добре доброго ранку добрий день привіт дякую будь ласка сьогодні завтра вчора завжди ніколи тут там можна можу хочу дім вода час рік кішка собака друг теж вже ще про кохаю люблю діти дитина грають життя книга робота школа сім'я новий нова ніч тиждень світ місто вулиця гроші машина сад отець мати"),
    ("bul", "Bulgarian", "и в не на аз че той тя те ние вие ти с как това а то всички така го но да към у за по я ми ме теб нас вас мой моя твой къде кога кой защо колко струва е съм си са беше няма от до или ако само много добре добро утро добър ден здравей благодаря моля днес утре вчера винаги никога тук там може мога искам къща вода време година котка куче приятел също вече още със във който"),
    ("ara", "Arabic", "في من على إلى عن مع هذا هذه ذلك تلك التي الذي أن إن لا ما لم لن هل كان كانت يكون هو هي هم نحن أنا أنت أنتم كل بعد قبل بين أو ثم لكن قد كيف أين متى ماذا لماذا من كم مرحبا شكرا السلام عليكم نعم صباح الخير مساء اليوم غدا أمس هنا هناك جدا أريد يا لي له لها"),
    ("pes", "Persian", "در به از که این را با است برای آن یک تا بر هم من تو او ما شما آنها نیست هست بود شد می نمی خود یا اما اگر چه چی کجا کی چرا چگونه چطور کدام چند خیلی خوب سلام ممنون مرسی لطفا بله نه امروز فردا دیروز همیشه هرگز اینجا آنجا خانه آب سال گربه سگ دوست هستم شود"),
    ("urd", "Urdu", "کے کی کا ہے میں اور سے کو پر نے یہ وہ ہیں تھا تھی تھے ہو ہوں کہ جو بھی نہیں ایک کیا کہاں کب کیسے کون کیوں کتنا بہت اچھا سلام شکریہ براہ جی ہاں آج کل ہمیشہ کبھی یہاں وہاں گھر پانی وقت سال بلی کتا دوست مجھے میرا آپ تم ہم ان اس گیا رہا"),
    ("hin", "Hindi", "के का की है में और से को पर ने यह वह हैं था थी थे हो हूँ हूं कि जो भी नहीं एक क्या कहाँ कहां कब कैसे कौन क्यों कितना बहुत अच्छा नमस्ते धन्यवाद कृपया हाँ आज कल हमेशा कभी यहाँ वहाँ घर पानी समय साल बिल्ली कुत्ता दोस्त मुझे मेरा मेरी आप तुम हम मैं इस उस गया रहा लिए"),
    ("mar", "Marathi", "आहे आणि मी तू तो ती ते आम्ही तुम्ही आहेत होता होती होते नाही हा ही हे काय कुठे कधी कसे कसा कोण का किती खूप चांगला नमस्कार धन्यवाद कृपया होय आज उद्या काल नेहमी इथे तिथे घर पाणी वेळ वर्ष मांजर कुत्रा मित्र मला माझा माझे आपण पण किंवा साठी च्या ला"),
    ("nep", "Nepali", "छ र को मा छन् हो हुन्छ म तिमी तपाईं उनी हामी यो त्यो के कहाँ कहिले कसरी को किन कति धेरै राम्रो नमस्ते धन्यवाद कृपया आज भोलि हिजो सधैं यहाँ त्यहाँ घर पानी समय साथी मलाई मेरो छैन थियो भने लाई ले बाट पनि गर्न"),
];

static INDEX: LazyLock<HashMap<&str, Vec<usize>>> = LazyLock::new(|| {
    let mut index: HashMap<&str, Vec<usize>> = HashMap::new();
    for (position, (_, _, words)) in ENTRIES.iter().enumerate() {
        for word in words.split_whitespace() {
            let languages = index.entry(word).or_default();
            if languages.last() != Some(&position) {
                languages.push(position);
            }
        }
    }
    index
});

/// How much of a text the common words of one language cover.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Score {
    pub(super) code: &'static str,
    pub(super) name: &'static str,
    /// Tokens that are words of it.
    pub(super) hits: usize,
    /// The same, a word of several languages counting by its share.
    pub(super) weight: f32,
}

/// Languages by weight, the highest first; those without a hit are left out.
pub(super) fn scores<'a>(tokens: impl Iterator<Item = &'a str>) -> Vec<Score> {
    let mut scores: Vec<Score> = ENTRIES
        .iter()
        .map(|(code, name, _)| Score {
            code,
            name,
            hits: 0,
            weight: 0.0,
        })
        .collect();
    for token in tokens {
        let Some(languages) = INDEX.get(token) else { continue };
        for language in languages {
            scores[*language].hits += 1;
            scores[*language].weight += 1.0 / languages.len() as f32;
        }
    }
    scores.retain(|score| score.hits > 0);
    scores.sort_by(|a, b| b.hits.cmp(&a.hits).then(b.weight.total_cmp(&a.weight)));
    scores
}

/// Whether there is a list of common words for a language.
pub(super) fn knows(code: &str) -> bool {
    ENTRIES.iter().any(|(known, _, _)| *known == code)
}
