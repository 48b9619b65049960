-- Names in any script can be searched, not only those in Latin letters.


-- As before, without case, accents and punctuation, and with nothing but + and # beside letters and digits; but the letters,
-- digits and vowel signs of other scripts stay. Latin names fold to what they folded to, save for letters like þ.
-- Still independent of the locale: what has a case outside of ASCII is spelt out (Greek, Cyrillic, Armenian), lower() is told
-- to see ASCII only. Points of Hebrew and Arabic go like accents. No word ends inside a name without spaces: 太郎 does not
-- find 田中太郎, 田中 does.
create or replace function search_fold(words text) returns text
language sql immutable strict parallel safe
return btrim(regexp_replace(
  lower(replace(replace(replace(replace(replace(
    translate(
      regexp_replace(normalize(words, NFKD),
        '[\u0300-\u036f\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u0640\u064b-\u065f\u0670\u06d6-\u06dc\u200c\u200d]',
        '', 'g'),
      'øØłŁđĐıÞÐĦŊƏ'
        'ΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣΤΥΦΧΨΩς'
        'АБВГДЕЖЗИКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯЂЄЅІЈЉЊЋЏҐҒҚҢҮҰҺӘӨ'
        'ԱԲԳԴԵԶԷԸԹԺԻԼԽԾԿՀՁՂՃՄՅՆՇՈՉՊՋՌՍՎՏՐՑՒՓՔՕՖ',
      'oOlLdDiþðħŋə'
        'αβγδεζηθικλμνξοπρστυφχψωσ'
        'абвгдежзиклмнопрстуфхцчшщъыьэюяђєѕіјљњћџґғқңүұһәө'
        'աբգդեզէըթժիլխծկհձղճմյնշոչպջռսվտրցւփքօֆ'),
    'œ', 'oe'), 'Œ', 'oe'), 'æ', 'ae'), 'Æ', 'ae'), 'ß', 'ss') collate "C"),
  '[^a-z0-9+#'
    '\u00f0\u00fe\u0127\u014b\u0180-\u02af'                                         -- Latin
    '\u0370-\u0373\u0376\u0377\u037b-\u037d\u037f\u0386-\u0481\u048a-\u0556\u0561-\u0588'  -- Greek, Cyrillic, Armenian
    '\u05d0-\u05f2\u0620-\u064a\u0660-\u0669\u066e-\u06d3\u06d5\u06ee-\u06fc\u06ff'    -- Hebrew, Arabic
    '\u0710-\u0963\u0966-\u1fff'                                                 -- from Syriac to extended Greek
    '\u3005-\u3007\u3031-\u3035\u3041-\u30fa\u30fc-\u31ff\u3400-\ud7ff'              -- East Asia
    '\U00010000-\U0001bfff\U00020000-\U0003ffff'                                  -- beyond, but for pictures
    ']+', ' ', 'g'));


-- What was folded by the older rule is folded anew.
alter table users
  drop column search_name,
  add column search_name text generated always as (search_fold(display_name)) stored;

-- Interests of the vocabulary as it comes fold to what they did; others may have words in other scripts.
do $$
begin
  if exists (select from interests where array_to_string(also || name_en || name_fr, '') ~ '[^\x01-\u00dd\u00df-\u024f\u2000-\u206f]') then
    reindex table interests;
    update interests set also = also;  -- The trigger writes their terms.
  end if;
end
$$;
